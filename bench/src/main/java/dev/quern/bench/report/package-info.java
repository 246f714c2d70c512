/** A run's results as one page that needs nothing else: tables, bars and rooflines, drawn as SVG. */
package dev.quern.bench.report;
