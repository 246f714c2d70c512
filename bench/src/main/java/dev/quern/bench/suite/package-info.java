/** Suites of cases, the bouts that measure a case's candidates beside peers, and the rows that come of it. */
package dev.quern.bench.suite;
