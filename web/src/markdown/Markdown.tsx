/**
 * A message's text as elements: only the kinds named here are ever made, and no HTML.
 *
 * What is unknown, or nested deeper than anybody means it, is shown as its words.
 */
import type { BlockContent, Link, List, Nodes, PhrasingContent, RootContent } from "mdast";
import { Fragment, memo, type ReactNode, useMemo } from "react";
import { closeLayer } from "../app/layers";
import { onlyEmoji } from "../emoji/only";
import { autolink } from "../kit/autolink";
import { parseRoute } from "../kit/router";
import { CallsEveryone, Words } from "../mentions/Words";
import { Link as Inside } from "../ui/Link";
import { safeAddress } from "./address";
import { CodeBlock } from "./CodeBlock";
import { parse, wordsOf } from "./parse";
import "./markdown.css";

const DEPTH_MAX = 8;

interface Props {
  text: string;
  /** Stands behind the last word. */
  after?: ReactNode;
  /** Begins the ids of what is in it. */
  id: string;
  /** Whether it calls everybody. */
  everyone?: boolean;
}

export const Markdown = memo(function Markdown({ text, after, id, everyone = false }: Props) {
  const root = useMemo(() => parse(text), [text]);
  const large = useMemo(() => onlyEmoji(text), [text]);
  const blocks = root.children;
  const inLast = blocks.at(-1)?.type === "paragraph";
  return (
    <div className={large ? "text large" : "text"}>
      <CallsEveryone value={everyone}>
        {blocks.map((block, at) => (
          // oxlint-disable-next-line react/no-array-index-key -- blocks never move
          <Fragment key={at}>
            {blockOf(block, { id: `${id}/${at}`, depth: 0 }, at === blocks.length - 1 && after)}
          </Fragment>
        ))}
      </CallsEveryone>
      {!inLast && after && <p>{after}</p>}
    </div>
  );
});

interface Place {
  readonly id: string;
  readonly depth: number;
}

const inside = ({ id, depth }: Place, at: number): Place => ({
  id: `${id}/${at}`,
  depth: depth + 1,
});

function blockOf(node: RootContent, place: Place, after?: ReactNode): ReactNode {
  if (place.depth > DEPTH_MAX) return <p>{wordsOf(node)}</p>;
  switch (node.type) {
    case "paragraph":
      return (
        <p dir="auto">
          {inlines(node.children, place.depth)}
          {after && <> {after}</>}
        </p>
      );
    case "heading":
      return (
        <p className="heading" dir="auto">
          {inlines(node.children, place.depth)}
        </p>
      );
    case "code":
      return <CodeBlock id={place.id} code={node.value} language={node.lang ?? undefined} />;
    case "blockquote":
      return <blockquote dir="auto">{blocks(node.children, place)}</blockquote>;
    case "list":
      return listOf(node, place);
    case "thematicBreak":
      return <hr />;
    default:
      return <p>{wordsOf(node)}</p>;
  }
}

const blocks = (nodes: readonly RootContent[], place: Place) =>
  nodes.map((node, at) => (
    // oxlint-disable-next-line react/no-array-index-key -- blocks never move
    <Fragment key={at}>{blockOf(node, inside(place, at))}</Fragment>
  ));

function listOf(node: List, place: Place): ReactNode {
  const items = node.children.map((item, at) => (
    // oxlint-disable-next-line react/no-array-index-key -- items never move
    <li key={at}>{blocks(item.children as BlockContent[], inside(place, at))}</li>
  ));
  if (node.ordered) return <ol start={node.start ?? 1}>{items}</ol>;
  return <ul>{items}</ul>;
}

const inlines = (nodes: readonly PhrasingContent[], depth: number): ReactNode =>
  nodes.map((node, at) => (
    // oxlint-disable-next-line react/no-array-index-key -- words never move
    <Fragment key={at}>{inlineOf(node, depth)}</Fragment>
  ));

function inlineOf(node: PhrasingContent, depth: number): ReactNode {
  if (depth > DEPTH_MAX) return wordsOf(node);
  switch (node.type) {
    case "text":
      return <Words text={node.value} />;
    case "strong":
      return <strong>{inlines(node.children, depth + 1)}</strong>;
    case "emphasis":
      return <em>{inlines(node.children, depth + 1)}</em>;
    case "delete":
      return <del>{inlines(node.children, depth + 1)}</del>;
    case "inlineCode":
      return <code>{node.value}</code>;
    case "break":
      return <br />;
    case "link":
      return linkOf(node, depth);
    default:
      return wordsOf(node as Nodes);
  }
}

function linkOf(node: Link, depth: number): ReactNode {
  const words = wordsOf(node);
  // Written out: the sentence's quotation marks and brackets are not part of it.
  if (/^https?:/i.test(words)) return autolink(words).map(pieceOf);
  const address = safeAddress(node.url);
  const children = inlines(node.children, depth + 1);
  return address ? <Way href={address}>{children}</Way> : children;
}

const pieceOf = (piece: ReturnType<typeof autolink>[number], at: number) =>
  piece.href ? (
    // oxlint-disable-next-line react/no-array-index-key -- pieces never move
    <Way key={at} href={piece.href}>
      {piece.text}
    </Way>
  ) : (
    piece.text
  );

/** A way to a place of this client, or out of it: where to is told before it is followed. */
function Way({ href, children }: { href: string; children: ReactNode }) {
  const path = href.startsWith(location.origin) ? href.slice(location.origin.length) : "";
  if (/^\/(?!\/)[^?#]*$/.test(path) && parseRoute(path).page !== "unknown")
    return (
      <Inside href={path} title={href} onClick={closeLayer}>
        {children}
      </Inside>
    );
  return (
    <a href={href} title={href} target="_blank" rel="noopener noreferrer nofollow">
      {children}
    </a>
  );
}
