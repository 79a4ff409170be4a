import { runnerSuite } from '../runner-suite.js';

runnerSuite('ssh2');
