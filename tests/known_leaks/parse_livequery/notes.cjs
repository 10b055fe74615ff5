// Notes in parse-server: node notes.cjs PORT ENVIRONMENT. RULE says who may read one: parse_livequery the user in its field "owner"
// and nobody else; parse_revoked whoever its ACL names.
const { createServer } = require('node:http');
const Module = require('node:module');
const { setTimeout: pause } = require('node:timers/promises');
const [port, environment] = process.argv.slice(2);

// Release 4 asks for a file of a package without its ending, which Node no longer takes.
const resolve = Module._resolveFilename;
Module._resolveFilename = function (name, ...rest) {
  return name.startsWith('extract-files/public/') ? `${environment}/node_modules/${name}.js` : resolve.call(this, name, ...rest);
};
const from = Module.createRequire(`${environment}/package.json`);
const { ParseServer } = from('parse-server');
const express = Module.createRequire(from.resolve('parse-server'))('express');

const { DATABASE, MASTER_KEY, LOGS, RULE } = process.env;
const serverURL = `http://127.0.0.1:${port}/parse`;
const keys = { 'X-Parse-Application-Id': 'notes', 'X-Parse-Master-Key': MASTER_KEY, 'Content-Type': 'application/json' };
const signedIn = { requiresAuthentication: true };
const byOwner = { find: {}, get: {}, count: {}, update: {}, delete: {}, addField: {}, create: signedIn, readUserFields: ['owner'], writeUserFields: ['owner'] };
const byAcl = { find: signedIn, get: signedIn, count: signedIn, update: signedIn, delete: signedIn, addField: {}, create: signedIn };

async function main() {
  const server = new ParseServer({
    appId: 'notes', masterKey: MASTER_KEY, masterKeyIps: ['127.0.0.1', '::1', '::ffff:127.0.0.1'], databaseURI: DATABASE, serverURL,
    liveQuery: { classNames: ['Note'] }, logsFolder: LOGS, silent: true, verbose: false, directAccess: false,
    allowClientClassCreation: true, encodeParseObjectInCloudFunction: true, startLiveQueryServer: false,
  });
  if (server.start) await server.start();
  const app = express();
  app.use('/parse', server.app ?? server);
  const http = createServer(app);
  // Ready means listening, so the class is made over a socket that only this program knows.
  const hidden = createServer(app);
  await new Promise(done => hidden.listen(0, '127.0.0.1', done));
  const schema = { className: 'Note', fields: { owner: { type: 'Pointer', targetClass: '_User' }, text: { type: 'String' } }, classLevelPermissions: RULE === 'parse_revoked' ? byAcl : byOwner };
  for (let tries = 0; ; tries += 1) {
    const made = await fetch(`http://127.0.0.1:${hidden.address().port}/parse/schemas/Note`, { method: 'POST', headers: keys, body: JSON.stringify(schema) });
    if (made.ok) break;
    if (tries > 100) throw new Error(`the class cannot be made: ${made.status} ${await made.text()}`);
    await pause(100);
  }
  hidden.close();
  await ParseServer.createLiveQueryServer(http, { appId: 'notes', masterKey: MASTER_KEY, serverURL, websocketTimeout: 10000 });
  http.listen(Number(port), '127.0.0.1');
}
main().catch(error => { console.error(error); process.exit(1); });
