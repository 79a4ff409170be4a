import { runnerSuite } from '../../unit/remote/runner-suite.js';

runnerSuite('openssh');
