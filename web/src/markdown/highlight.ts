/** Colours for code, of the languages that teams paste most. Loaded with the first such block. */
import bash from "highlight.js/lib/languages/bash";
import css from "highlight.js/lib/languages/css";
import diff from "highlight.js/lib/languages/diff";
import go from "highlight.js/lib/languages/go";
import java from "highlight.js/lib/languages/java";
import javascript from "highlight.js/lib/languages/javascript";
import json from "highlight.js/lib/languages/json";
import python from "highlight.js/lib/languages/python";
import rust from "highlight.js/lib/languages/rust";
import sql from "highlight.js/lib/languages/sql";
import typescript from "highlight.js/lib/languages/typescript";
import xml from "highlight.js/lib/languages/xml";
import yaml from "highlight.js/lib/languages/yaml";
import { createLowlight } from "lowlight";
import "./highlight.css";

export type Highlighted = string | { kind: string; children: Highlighted[] };

const languages = { bash, css, diff, go, java, javascript, json, python, rust, sql };
const lowlight = createLowlight({ ...languages, typescript, xml, yaml });

type Tree = ReturnType<typeof lowlight.highlight>["children"][number];

function plainly(node: Tree): Highlighted {
  if (node.type === "text") return node.value;
  if (node.type !== "element") return "";
  const { className } = node.properties;
  const kind = Array.isArray(className) ? className.join(" ") : "";
  return { kind, children: node.children.map(plainly) };
}

/** The code in coloured pieces, or nothing where the language is not known. */
export function highlight(language: string, code: string): Highlighted[] | undefined {
  const name = language.toLowerCase();
  if (!lowlight.registered(name)) return undefined;
  return lowlight.highlight(name, code).children.map(plainly);
}
