/** Signing in is a page of the identity service; these are the doors to it. */
const returnTo = (path: string) => `return_to=${encodeURIComponent(path)}`;

export const signInPath = (path: string) => `/auth/login?${returnTo(path)}`;
export const signUpPath = (path: string) => `/auth/login?${returnTo(path)}&hint=signup`;
export const accountPath = "/id/account";
