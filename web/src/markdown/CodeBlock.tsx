import { type ReactNode, useEffect, useState } from "react";
import { toast } from "../kit/toasts";
import { m } from "../paraglide/messages.js";
import { IconButton } from "../ui/IconButton";
import type { Highlighted } from "./highlight";

/** Longer code is shown in part, until somebody wants all of it. */
const LINES_MAX = 20;
const LINES_SHOWN = 14;
/** More letters than this are not worth the time it takes to colour them. */
const COLOURED_MAX = 8000;

/** Blocks that were opened: a row that leaves the screen is unmounted, and comes back the same. */
const opened = new Set<string>();

interface Props {
  id: string;
  code: string;
  language: string | undefined;
}

/** Code as it was written; coloured once its language is loaded, in the same place. */
export function CodeBlock({ id, code, language }: Props) {
  const [whole, setWhole] = useState(() => opened.has(id));
  const lines = code.split("\n");
  const long = lines.length > LINES_MAX;
  const shown = long && !whole ? lines.slice(0, LINES_SHOWN).join("\n") : code;
  const toggle = () => {
    if (whole) opened.delete(id);
    else opened.add(id);
    setWhole(!whole);
  };
  return (
    <div className="code-block">
      <pre>
        <code>
          <Coloured code={shown} language={language} />
        </code>
      </pre>
      {language && <span className="language">{language}</span>}
      <IconButton
        icon="copy"
        label={m.copy_code()}
        onClick={() => void navigator.clipboard.writeText(code).then(() => toast(m.copied()))}
      />
      {long && (
        <button type="button" className="more" aria-expanded={whole} onClick={toggle}>
          {whole ? m.show_less() : m.show_all_lines({ count: lines.length })}
        </button>
      )}
    </div>
  );
}

function Coloured({ code, language }: { code: string; language: string | undefined }) {
  const [tree, setTree] = useState<{ of: string; nodes: Highlighted[] }>();
  useEffect(() => {
    if (!language || code.length > COLOURED_MAX) return undefined;
    let wanted = true;
    void import("./highlight").then(({ highlight }) => {
      const nodes = highlight(language, code);
      if (wanted && nodes) setTree({ of: code, nodes });
    });
    return () => {
      wanted = false;
    };
  }, [code, language]);
  return <>{tree?.of === code ? tree.nodes.map(nodeOf) : code}</>;
}

function nodeOf(node: Highlighted, at: number): ReactNode {
  if (typeof node === "string") return node;
  return (
    // oxlint-disable-next-line react/no-array-index-key -- code never moves
    <span key={at} className={node.kind}>
      {node.children.map(nodeOf)}
    </span>
  );
}
