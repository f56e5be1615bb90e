// Sends one letter many times through nodemailer's pool, and says how long that took.
// node pool.js PORT CONNECTIONS LETTER.eml COUNT FROM TO → {"seconds": …}
import { readFileSync } from "node:fs";
import nodemailer from "nodemailer";

const [port, connections, letter, count, from, to] = process.argv.slice(2);
const raw = readFileSync(letter);
const pool = nodemailer.createTransport({
  host: "127.0.0.1",
  port: Number(port),
  secure: false,
  ignoreTLS: true,
  pool: true,
  maxConnections: Number(connections),
  maxMessages: Infinity,
});
const begun = process.hrtime.bigint();
await Promise.all(
  Array.from({ length: Number(count) }, () => pool.sendMail({ envelope: { from, to: [to] }, raw })),
);
const seconds = Number(process.hrtime.bigint() - begun) / 1e9;
pool.close();
process.stdout.write(JSON.stringify({ seconds }) + "\n");
