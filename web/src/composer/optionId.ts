/** The element of what can be called, of the list `id`. */
export const optionId = (id: string, at: number) => `${id}-${at}`;
