// A stateless MCP server: node echo.mjs PORT ENVIRONMENT. One tool takes a text and, after a moment, gives it back.
// The server connects to one transport and keeps it, as long as the SDK allows that; a release that refuses to use a stateless
// transport twice is used in the way that its refusal asks for: a server and a transport for each request.
import { createHmac, timingSafeEqual } from 'node:crypto';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { setTimeout as pause } from 'node:timers/promises';

const [port, environment] = process.argv.slice(2);
const from = createRequire(`${environment}/`);
const { McpServer } = from('@modelcontextprotocol/sdk/server/mcp.js');
const { StreamableHTTPServerTransport } = from('@modelcontextprotocol/sdk/server/streamableHttp.js');
const { version } = from('./node_modules/@modelcontextprotocol/sdk/package.json');
const { z } = from('zod');
const MAY_BE_SHARED = version.localeCompare('1.26.0', 'en', { numeric: true }) < 0;

function userOf(header = '') {
  const [head, body, signature] = header.replace(/^Bearer /, '').split('.');
  if (!signature) return undefined;
  const right = createHmac('sha256', process.env.KNOWN_LEAK_KEY).update(`${head}.${body}`).digest();
  const given = Buffer.from(signature, 'base64url');
  if (given.length !== right.length || !timingSafeEqual(given, right)) return undefined;
  const read = part => JSON.parse(Buffer.from(part, 'base64url'));
  const claims = read(body);
  return read(head).alg === 'HS256' && claims.exp > Date.now() / 1000 ? claims.sub : undefined;
}

function newServer() {
  const server = new McpServer({ name: 'echo', version: '1' });
  server.registerTool('echo', { description: 'Gives a text back', inputSchema: { text: z.string() } }, async ({ text }, { authInfo }) => {
    await pause(20);
    return { content: [{ type: 'text', text: `${authInfo.clientId}: ${text}` }] };
  });
  return server;
}

async function connected() {
  const transport = new StreamableHTTPServerTransport({ sessionIdGenerator: undefined });
  await newServer().connect(transport);
  return transport;
}

const shared = MAY_BE_SHARED ? await connected() : undefined;
createServer(async (request, response) => {
  const user = userOf(request.headers.authorization);
  if (user === undefined) return response.writeHead(401).end();
  request.auth = { token: '-', clientId: user, scopes: [] };
  await (shared ?? (await connected())).handleRequest(request, response);
}).listen(Number(port), '127.0.0.1');
