package dev.quern.examples.command;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code quern init}: begins a Maven project that uses Quern. */
@Command(name = "init", mixinStandardHelpOptions = true, usageHelpAutoWidth = true,
        description = "Write a Maven project of its own that uses Quern: a model, its training and a test, ready to build and run.")
final class InitCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Parameters(paramLabel = "NAME", description = "The project's name, for example my-model.")
    private String name;

    @Option(names = "--dir", paramLabel = "DIR", description = "The project's folder, new or empty. By default NAME, here.")
    private Optional<Path> folder;

    @Override
    public Integer call() {
        String home = Path.of(System.getProperty("quern.home", "quern")).normalize().toString();
        ProjectTemplate template = ProjectTemplate.of(name, home);
        Path written = folder.orElse(Path.of(name));
        template.write(written);
        PrintWriter out = spec.commandLine().getOut();
        out.println("wrote " + written + ": a model, its training and a test, on Quern " + Version.NUMBER);
        out.println("Quern is in no public repository, so install it into your local one first, once:");
        out.println("  (cd " + home + " && mvn -DskipTests install)");
        out.println("then build and run the project:");
        out.println("  cd " + written + " && mvn package && java -jar target/" + name + ".jar");
        return 0;
    }
}
