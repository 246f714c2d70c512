/** Language models: text as samples, vocabularies, tasks over sequences of characters, sampling and searching. */
package dev.quern.layers.text;
