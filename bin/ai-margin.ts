#!/usr/bin/env node
/** The command line; all of it is in lib/cli. */
import { run } from '../lib/cli/program';

// A reader that stops early (`| head`) is no error.
process.stdout.on('error', error => { if ('code' in error && error.code !== 'EPIPE') throw error; });

void run(process.argv).then(code => { process.exitCode = code; });
