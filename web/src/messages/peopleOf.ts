import type { Message, Person } from "../api/types";

/** Who wrote a message, whom it names, and the same of what it quotes. */
export const peopleOf = ({ sender, mentions = [], quote }: Message): Person[] => [
  sender,
  ...mentions,
  ...(quote ? [quote.sender, ...(quote.mentions ?? [])] : []),
];
