/** What plans do and why, written for programs (JSON) and for browsers (a page that needs nothing else). */
package dev.quern.graph.report;
