/** What Markdown can that is turned off here, as its parser names it; the build leaves it out. */
export const off = [
  "characterReference",
  "definition",
  "htmlFlow",
  "htmlText",
  "labelStartImage",
  "setextUnderline",
];
