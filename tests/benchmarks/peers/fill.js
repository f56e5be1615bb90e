// Fills one template many times with one library, and says how long each time took.
// node fill.js LIBRARY TEMPLATE.docx DATA.json OUT.docx TIMES → {"milliseconds": [...]}; OUT is the last document.
import { readFileSync, writeFileSync } from "node:fs";

const [library, template, data, out, times] = process.argv.slice(2);
const bytes = readFileSync(template);
const facts = JSON.parse(readFileSync(data, "utf8"));
const WARMING_UP = 30;

const libraries = {
  async docxtemplater() {
    const { default: Docxtemplater } = await import("docxtemplater");
    const { default: PizZip } = await import("pizzip");
    return async () => {
      const document = new Docxtemplater(new PizZip(bytes), { paragraphLoop: true, linebreaks: true });
      document.render(facts);
      return document.getZip().generate({ type: "nodebuffer", compression: "DEFLATE" });
    };
  },
  async "easy-template-x"() {
    const { TemplateHandler } = await import("easy-template-x");
    const handler = new TemplateHandler();
    return () => handler.process(bytes, facts);
  },
  async "docx-templates"() {
    const { createReport } = await import("docx-templates");
    return () => createReport({ template: bytes, data: facts, cmdDelimiter: "+++" });
  },
  async "docx-templates, no sandbox"() {
    const { createReport } = await import("docx-templates");
    return () => createReport({ template: bytes, data: facts, cmdDelimiter: "+++", noSandbox: true });
  },
};

const fill = await libraries[library]();
for (let time = 0; time < Math.min(WARMING_UP, Number(times)); time += 1) await fill();
const milliseconds = [];
let document;
for (let time = 0; time < Number(times); time += 1) {
  const begun = process.hrtime.bigint();
  document = await fill();
  milliseconds.push(Number(process.hrtime.bigint() - begun) / 1e6);
}
writeFileSync(out, document);
process.stdout.write(JSON.stringify({ milliseconds }) + "\n");
