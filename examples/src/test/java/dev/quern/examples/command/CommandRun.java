package dev.quern.examples.command;

import java.io.PrintWriter;
import java.io.StringWriter;

/** One run of the command inside a test: its exit code and what it printed. */
record CommandRun(int code, String out, String err) {
    static CommandRun of(String... arguments) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int code = new Main().run(new PrintWriter(out, true), new PrintWriter(err, true), arguments);
        return new CommandRun(code, out.toString(), err.toString());
    }
}
