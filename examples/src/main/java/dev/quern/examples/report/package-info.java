/** What a training run came to, as a page that needs nothing else. */
package dev.quern.examples.report;
