// Lets the JavaScript client read scripted answers over loopback, and holds what it makes of them against the
// predictions. Arguments: the folder that the client is installed in, and the file of answers.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { createServer } from "node:net";

const [folder, path] = process.argv.slice(2);
const hub = createRequire(`${folder}/`)("@aws-sdk/client-securityhub");

const CALLS = {
  CreateMembers: () => new hub.CreateMembersCommand({ AccountDetails: [{ AccountId: "111111111111" }] }),
  GetInvitationsCount: () => new hub.GetInvitationsCountCommand({}),
  EnableSecurityHub: () => new hub.EnableSecurityHubCommand({}),
};

let bytes = Buffer.alloc(0);
const server = createServer((socket) => {
  let read = Buffer.alloc(0);
  socket.setTimeout(300_000, () => socket.destroy());
  socket.on("error", () => {});
  socket.on("data", (part) => {
    read = Buffer.concat([read, part]);
    const head = read.indexOf("\r\n\r\n");
    if (head < 0) return;
    const length = /^content-length:\s*(\d+)/im.exec(read.subarray(0, head).toString("latin1"));
    if (read.length >= head + 4 + Number(length?.[1] ?? 0)) socket.end(bytes);
  });
});
await new Promise((ready) => server.listen(0, "127.0.0.1", ready));

const client = new hub.SecurityHubClient({
  region: "us-east-1",
  endpoint: `http://127.0.0.1:${server.address().port}`,
  credentials: { accessKeyId: "111122223333", secretAccessKey: "secret" },
  maxAttempts: 1,
});

function raw({ status, headers, body }) {
  const content = Buffer.from(body, "hex");
  const lines = [`HTTP/1.1 ${status} X`, ...headers.map(([name, value]) => `${name}: ${value}`)];
  lines.push(`content-length: ${content.length}`, "connection: close", "", "");
  return Buffer.concat([Buffer.from(lines.join("\r\n")), content]);
}

async function verdict(operation) {
  try {
    await client.send(CALLS[operation]());
  } catch (error) {
    if (!(error instanceof hub.SecurityHubServiceException)) return `crash ${error.constructor.name}`;
    const kind = error.constructor === hub.SecurityHubServiceException ? "generic" : "typed";
    return `${kind} ${error.name}`;
  }
  return "success";
}

const wrong = [];
let compared = 0;
for (const [number, line] of readFileSync(path, "utf8").trimEnd().split("\n").entries()) {
  const answer = JSON.parse(line);
  if (answer.javascript === "not-predicted") continue;
  compared += 1;
  bytes = raw(answer);
  const seen = await verdict(answer.operation);
  if (seen !== answer.javascript) {
    wrong.push(`answer ${number}: ${seen}, predicted ${answer.javascript}: ${JSON.stringify(bytes.toString("latin1"))}`);
  }
}
if (wrong.length > 0) console.log(wrong.slice(0, 20).join("\n"));
console.log(`JavaScript: ${compared} answers compared, ${wrong.length} read otherwise than predicted`);
process.exit(wrong.length > 0 || compared === 0 ? 1 : 0);
