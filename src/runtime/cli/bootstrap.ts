#!/usr/bin/env node
// What every Node can read, before anything that an old one cannot: its own error would be a page long.
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 9)) {
  console.error(
    `Graft needs Node 20.9 or newer, and this is Node ${process.versions.node}. Get one from https://nodejs.org, then try again.`,
  );
  process.exitCode = 1;
} else {
  // An address, not a name: the two stay two files when they are bundled.
  void import(new URL('./command-line.js', import.meta.url).href);
}

export {};
