/**
 * Everything that is not the site's own server.
 *
 * The browser is given a proxy for every host but ours. The proxy answers nothing and remembers who was asked for, so no request
 * goes unseen, whoever makes it: page, frame, worker or service worker.
 */
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";

/** What Chromium itself asks for, whatever page is open: sign-in state, updates, the time, hints for forms. */
const BROWSERS_OWN =
  /^((accounts|clients\d*)\.google\.com|(update|content-autofill|optimizationguide-pa|safebrowsing)\.googleapis\.com)$/;

export interface Outside {
  readonly port: number;
  /** The hosts and addresses asked for so far. */
  readonly asked: readonly string[];
  close(): Promise<void>;
}

export async function watchOutside(): Promise<Outside> {
  const asked: string[] = [];
  const note = (address = "?"): void => {
    const host = new URL(address.includes("://") ? address : `https://${address}`).hostname;
    if (!BROWSERS_OWN.test(host)) asked.push(address);
  };
  const server: Server = createServer((request, response) => {
    note(request.url);
    response.writeHead(502).end();
  });
  server.on("connect", (request, socket) => {
    note(request.url);
    socket.end("HTTP/1.1 502 Bad Gateway\r\n\r\n");
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  return {
    port: (server.address() as AddressInfo).port,
    asked,
    close: () => new Promise((done) => server.close(() => done())),
  };
}
