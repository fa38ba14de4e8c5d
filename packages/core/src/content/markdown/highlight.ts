import type { HLJSApi, LanguageFn } from "highlight.js";
import hljs from "highlight.js/lib/common";
import arduino from "highlight.js/lib/languages/arduino";
import clojure from "highlight.js/lib/languages/clojure";
import cmake from "highlight.js/lib/languages/cmake";
import dart from "highlight.js/lib/languages/dart";
import dockerfile from "highlight.js/lib/languages/dockerfile";
import dos from "highlight.js/lib/languages/dos";
import elixir from "highlight.js/lib/languages/elixir";
import elm from "highlight.js/lib/languages/elm";
import erlang from "highlight.js/lib/languages/erlang";
import fortran from "highlight.js/lib/languages/fortran";
import fsharp from "highlight.js/lib/languages/fsharp";
import gherkin from "highlight.js/lib/languages/gherkin";
import glsl from "highlight.js/lib/languages/glsl";
import groovy from "highlight.js/lib/languages/groovy";
import handlebars from "highlight.js/lib/languages/handlebars";
import haskell from "highlight.js/lib/languages/haskell";
import http from "highlight.js/lib/languages/http";
import julia from "highlight.js/lib/languages/julia";
import latex from "highlight.js/lib/languages/latex";
import lisp from "highlight.js/lib/languages/lisp";
import matlab from "highlight.js/lib/languages/matlab";
import nginx from "highlight.js/lib/languages/nginx";
import ocaml from "highlight.js/lib/languages/ocaml";
import pgsql from "highlight.js/lib/languages/pgsql";
import powershell from "highlight.js/lib/languages/powershell";
import processing from "highlight.js/lib/languages/processing";
import prolog from "highlight.js/lib/languages/prolog";
import properties from "highlight.js/lib/languages/properties";
import protobuf from "highlight.js/lib/languages/protobuf";
import scala from "highlight.js/lib/languages/scala";
import scheme from "highlight.js/lib/languages/scheme";
import verilog from "highlight.js/lib/languages/verilog";
import vhdl from "highlight.js/lib/languages/vhdl";
import vim from "highlight.js/lib/languages/vim";
import wasm from "highlight.js/lib/languages/wasm";
import x86asm from "highlight.js/lib/languages/x86asm";
import { escapeText } from "../html/node.ts";

/** Beyond the common ones, each made ready when a lesson first asks for it. */
const onDemand: Readonly<Record<string, LanguageFn>> = {
  arduino,
  clojure,
  cmake,
  dart,
  dockerfile,
  dos,
  elixir,
  elm,
  erlang,
  fortran,
  fsharp,
  gherkin,
  glsl,
  groovy,
  handlebars,
  haskell,
  http,
  julia,
  latex,
  lisp,
  matlab,
  nginx,
  ocaml,
  pgsql,
  powershell,
  processing,
  prolog,
  properties,
  protobuf,
  scala,
  scheme,
  verilog,
  vhdl,
  vim,
  wasm,
  x86asm,
};

/** Words authors write for languages that are called otherwise. */
const synonyms: Readonly<Record<string, string>> = {
  docker: "dockerfile",
  ps: "powershell",
  ps1: "powershell",
  pwsh: "powershell",
  bat: "dos",
  cmd: "dos",
  ino: "arduino",
  tex: "latex",
  postgres: "pgsql",
  postgresql: "pgsql",
  hs: "haskell",
  hbs: "handlebars",
  proto: "protobuf",
  asm: "x86asm",
  ex: "elixir",
  clj: "clojure",
  fs: "fsharp",
  jl: "julia",
  ml: "ocaml",
  feature: "gherkin",
  jsonc: "json",
  json5: "json",
  "js-nolint": "javascript",
  vue: "xml",
  svelte: "xml",
};

/**
 * Longer code, and code with longer lines, is shown plain: some grammars take quadratic time, and 60 KB of `ini` would
 * take 17 seconds.
 */
const maxCode = 8 * 1024;
const maxLine = 1_000;
const isLong = (code: string): boolean =>
  code.length > maxCode || code.split("\n").some((line) => line.length > maxLine);

/**
 * Returns code as HTML with `hljs-*` classes, or undefined for an unknown language. It guesses none: a wrong guess
 * colors the text at random.
 */
export function highlight(code: string, language: string): string | undefined {
  const name = known(hljs, language.toLowerCase());
  if (name === undefined || isLong(code)) return undefined;
  return hljs.highlight(code, { language: name, ignoreIllegals: true }).value;
}

function known(api: HLJSApi, word: string): string | undefined {
  const name = synonyms[word] ?? word;
  const language = onDemand[name];
  if (language && Object.hasOwn(onDemand, name) && !api.getLanguage(name)) api.registerLanguage(name, language);
  return api.getLanguage(name) ? name : undefined;
}

/** Returns the inside of a code block, highlighted where the language is known. */
export const codeHtml = (code: string, language: string): string => highlight(code, language) ?? escapeText(code);
