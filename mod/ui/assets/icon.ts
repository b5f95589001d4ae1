/** The mark of the pages. */
export const ICON = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">
<rect width="32" height="32" rx="7" fill="#1f6feb"/>
<path d="M7 11l9-5 9 5v10l-9 5-9-5z" fill="none" stroke="#fff" stroke-width="2.4" stroke-linejoin="round"/>
<path d="M7 11l9 5 9-5M16 16v10" fill="none" stroke="#fff" stroke-width="2.4" stroke-linejoin="round"/>
</svg>
`;
