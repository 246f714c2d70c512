/** What the compiler does to elementwise expressions: simplify, substitute, differentiate, measure, print. */
package dev.quern.graph.expr;
