/** A check that the compiler makes: an error where `From` does not fit into `To`. */
export type Assignable<To, From extends To> = From;
