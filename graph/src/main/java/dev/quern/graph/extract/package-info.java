/** One region of a plan's step as a program that stands alone, with its real inputs. */
package dev.quern.graph.extract;
