/** The {@code quern} command: one class a subcommand, and what they share. */
package dev.quern.examples.command;
