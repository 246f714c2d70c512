package dev.quern.examples.command;

import dev.quern.runtime.QuernException;
import java.io.PrintWriter;
import java.util.ServiceLoader;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/**
 * The {@code quern} command's entry. Exit codes: 0 done, 1 the work failed, 2 wrong usage. What goes wrong is told in
 * one line; {@code --stacktrace} adds where.
 */
@Command(name = "quern", description = "Trains and examines neural networks on hand-written GPU kernels.",
        versionProvider = Version.class, mixinStandardHelpOptions = true, synopsisSubcommandLabel = "COMMAND",
        usageHelpAutoWidth = true,
        footer = {"", "Start with: quern train lenet", "Help for a command: quern COMMAND --help"},
        subcommands = {DevicesCommand.class, ModelsCommand.class, SummaryCommand.class, TrainCommand.class, EvalCommand.class,
            PredictCommand.class, GenerateCommand.class, TranslateCommand.class, ExplainCommand.class, ReplayCommand.class,
            BisectCommand.class, ExtractCommand.class, InitCommand.class, DataCommand.class})
public final class Main implements Runnable {
    @Spec
    private CommandSpec spec;

    @Option(names = "--debug", scope = ScopeType.INHERIT, description = "Log what is compiled, copied and chosen.")
    private boolean debug;

    @Option(names = "--stacktrace", scope = ScopeType.INHERIT, description = "Show where in the code an error came from.")
    private boolean stacktrace;

    private final Interrupts interrupts = new Interrupts();

    Main() {
    }

    /** How commands learn that the user wants them to end. */
    Interrupts interrupts() {
        return interrupts;
    }

    /** Runs the command and exits with its code. */
    public static void main(String[] arguments) {
        PrintWriter out = new PrintWriter(System.out, true);
        PrintWriter err = new PrintWriter(System.err, true);
        Main main = new Main();
        int code = main.run(out, err, arguments);
        out.flush();
        err.flush();
        main.interrupts.commandIsOver();
        System.exit(code);
    }

    /** Runs the command and returns its exit code. */
    int run(PrintWriter out, PrintWriter err, String... arguments) {
        CommandLine line = new CommandLine(this).setOut(out).setErr(err);
        ServiceLoader.load(CommandProvider.class).forEach(provider -> provider.commands().forEach(line::addSubcommand));
        line.setCaseInsensitiveEnumValuesAllowed(true)
                .setParameterExceptionHandler((problem, _) -> usageError(problem))
                .setExecutionStrategy(result -> {
                    applyLogLevel();
                    return new CommandLine.RunLast().execute(result);
                })
                .setExecutionExceptionHandler((problem, command, _) -> failure(problem, command));
        try {
            return line.execute(arguments);
        } catch (OutOfMemoryError problem) {
            return failure(new QuernException("the Java heap is full (" + problem.getMessage()
                    + "): give it more, for example QUERN_JAVA_OPTS=-Xmx8g", problem), line);
        }
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "a command is missing");
    }

    /** Loggers read the level when the first of them is made, which is after the options are known. */
    private void applyLogLevel() {
        if (debug) {
            System.setProperty("org.slf4j.simpleLogger.defaultLogLevel", "debug");
        }
    }

    private int usageError(ParameterException problem) {
        CommandLine command = problem.getCommandLine();
        PrintWriter err = command.getErr();
        err.println("quern: " + oneLine(problem.getMessage()) + " (see " + command.getCommandSpec().qualifiedName() + " --help)");
        CommandLine.UnmatchedArgumentException.printSuggestions(problem, err);
        trace(problem, err);
        return 2;
    }

    private int failure(Exception problem, CommandLine command) {
        PrintWriter err = command.getErr();
        boolean ours = problem instanceof QuernException;
        String message = problem.getMessage() == null ? "" : oneLine(problem.getMessage());
        err.println("quern: " + (ours ? message
                : problem.getClass().getSimpleName() + (message.isEmpty() ? "" : ": " + message)
                        + (stacktrace ? "" : " (--stacktrace shows where)")));
        trace(problem, err);
        return problem instanceof UsageException ? 2 : 1;
    }

    private void trace(Exception problem, PrintWriter err) {
        if (stacktrace) {
            problem.printStackTrace(err);
        }
    }

    private static String oneLine(String message) {
        return message.strip().replaceAll("\\s*\\R\\s*", "; ");
    }
}
