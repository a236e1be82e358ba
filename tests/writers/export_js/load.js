// Loads a .cyjs or .cx2 file in cytoscape.js and prints what it holds then, as JSON.
//   node load.js network.cyjs
"use strict";
const fs = require("fs");
const cytoscape = require("cytoscape");

const file = process.argv[2];
const content = JSON.parse(fs.readFileSync(file, "utf8"));

// The elements of CX2 as its specification says: ids are numbers, attributes are in "v", defaults and aliases in the declarations.
function elementsOfCx2(aspects) {
  const aspect = (name) => (aspects.find((part) => name in part) || {})[name] || [];
  const declared = aspect("attributeDeclarations")[0];
  const checked = (kind, values) => {
    const types = { string: "string", long: "number", integer: "number", double: "number", boolean: "boolean" };
    for (const [name, value] of Object.entries(values)) {
      if (typeof value !== types[declared[kind][name].d]) throw new Error(`${name} is declared ${declared[kind][name].d}`);
    }
    return values;
  };
  for (const { name, elementCount } of aspect("metaData")) {
    if (aspect(name).length !== elementCount) throw new Error(`${name} has not ${elementCount} elements`);
  }
  const nodes = aspect("nodes").map(({ id, x, y, v }) => ({
    data: { ...checked("nodes", v), id: `n${id}` },
    ...(x === undefined ? {} : { position: { x, y } }),
  }));
  const edges = aspect("edges").map(({ id, s, t, v }) => ({
    data: { ...checked("edges", v), id: `e${id}`, source: `n${s}`, target: `n${t}` },
  }));
  return { nodes, edges };
}

const elements = Array.isArray(content) ? elementsOfCx2(content) : content.elements;
const cy = cytoscape({ headless: true, elements, layout: { name: "preset" } });

// JSON has no infinity.
const shown = (name, value) => (Number.isFinite(value) || typeof value !== "number" ? value : String(value));
const nodes = cy.nodes().map((node) => ({ data: node.data(), position: node.position() }));
const edges = cy.edges().map((edge) => ({ data: edge.data(), ends: [edge.source().data("name"), edge.target().data("name")] }));
process.stdout.write(JSON.stringify({ nodes, edges }, shown));
