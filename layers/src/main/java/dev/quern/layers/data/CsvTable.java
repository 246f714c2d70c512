package dev.quern.layers.data;

import dev.quern.runtime.QuernException;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads numbers from a file of comma-separated values: a line of column names, then one line a sample, the target in the last column.
 * Every fifth sample is for testing. Each feature is scaled by what the training samples say, to mean 0 and deviation 1.
 */
public final class CsvTable {
    private static final int TEST_EVERY = 5;

    private CsvTable() {
    }

    /**
     * Reads a file.
     *
     * @throws QuernException if it is missing, not UTF-8, has fewer than 5 samples, or a cell is no number: the message names the line
     *                        and the column
     */
    public static Split<NumberTable> read(Path file) {
        List<String> lines = lines(file);
        String[] names = cells(lines.isEmpty() ? "" : lines.getFirst());
        if (names.length < 2) {
            throw new QuernException(file + ": line 1: expected the names of at least two columns, divided by commas; the last is foretold");
        }
        List<double[]> train = new ArrayList<>();
        List<double[]> test = new ArrayList<>();
        int samples = 0;
        for (int line = 2; line <= lines.size(); line++) {
            if (!lines.get(line - 1).isBlank()) {
                (++samples % TEST_EVERY == 0 ? test : train).add(numbers(file, line, lines.get(line - 1), names));
            }
        }
        if (test.isEmpty()) {
            throw new QuernException(file + ": " + samples + " samples; at least " + TEST_EVERY + " are needed, as every fifth is for testing");
        }
        scale(train, test, names.length - 1);
        return new Split<>(new NumberTable("training rows of " + file, train.toArray(double[][]::new)),
                new NumberTable("test rows of " + file, test.toArray(double[][]::new)));
    }

    private static List<String> lines(Path file) {
        if (!Files.isRegularFile(file)) {
            throw new QuernException(file + ": is no file; expected comma-separated values with a line of column names");
        }
        try {
            return Files.readAllLines(file, StandardCharsets.UTF_8);
        } catch (CharacterCodingException e) {
            throw new QuernException(file + ": is not text in UTF-8", e);
        } catch (IOException e) {
            throw new QuernException(file + ": cannot be read: " + e.getMessage(), e);
        }
    }

    private static String[] cells(String line) {
        return line.split(",", -1);
    }

    private static double[] numbers(Path file, int line, String text, String[] names) {
        String[] cells = cells(text);
        if (cells.length != names.length) {
            throw new QuernException(file + ": line " + line + " has " + cells.length + " cells, line 1 names " + names.length + " columns");
        }
        double[] numbers = new double[cells.length];
        for (int i = 0; i < cells.length; i++) {
            try {
                numbers[i] = Double.parseDouble(cells[i].strip());
            } catch (NumberFormatException e) {
                numbers[i] = Double.NaN;
            }
            if (!Double.isFinite(numbers[i])) {
                throw new QuernException(file + ": line " + line + ", column " + names[i].strip() + ": '" + cells[i].strip()
                        + "' is no finite number");
            }
        }
        return numbers;
    }

    private static void scale(List<double[]> train, List<double[]> test, int features) {
        for (int i = 0; i < features; i++) {
            int column = i;
            double mean = train.stream().mapToDouble(row -> row[column]).average().orElse(0);
            double variance = train.stream().mapToDouble(row -> (row[column] - mean) * (row[column] - mean)).average().orElse(0);
            double deviation = variance > 0 ? Math.sqrt(variance) : 1;
            for (List<double[]> rows : List.of(train, test)) {
                rows.forEach(row -> row[column] = (row[column] - mean) / deviation);
            }
        }
    }
}
