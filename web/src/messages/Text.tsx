import { memo } from "react";
import { autolink } from "../kit/autolink";

/** A message's plain text; addresses in it can be followed. */
export const Text = memo(function Text({ text }: { text: string }) {
  return (
    <>
      {autolink(text).map((piece, at) =>
        piece.href ? (
          // oxlint-disable-next-line react/no-array-index-key -- pieces never move
          <a key={at} href={piece.href} target="_blank" rel="noopener noreferrer nofollow">
            {piece.text}
          </a>
        ) : (
          piece.text
        ),
      )}
    </>
  );
});
