package dev.quern.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quern.layers.data.Split;
import dev.quern.layers.text.TextPairs;
import dev.quern.runtime.QuernException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WrittenDatesTest {
    @TempDir
    private Path folder;

    @Test
    void datesAreWrittenInManyWays() {
        LocalDate date = LocalDate.of(1998, 3, 5);
        assertThat(IntStream.range(0, 8).mapToObj(style -> WrittenDates.written(date, style))).containsExactly("March 5, 1998", "5 March 1998",
                "5 Mar 98", "Thursday 5 March 1998", "Mar 5, 1998", "5.3.1998", "the 5th of March 1998", "thursday, march 5 1998");
        assertThat(WrittenDates.written(LocalDate.of(2004, 1, 31), 2)).isEqualTo("31 Jan 04");
        assertThat(WrittenDates.written(LocalDate.of(1904, 1, 31), 2)).isEqualTo("31 Jan 1904");
        assertThat(WrittenDates.written(LocalDate.of(2004, 1, 31), 6)).isEqualTo("the 31st of January 2004");
    }

    @Test
    void testedDaysAreNeverTrainedOnAndEveryFormFits() {
        Split<TextPairs> dates = WrittenDates.standard();
        assertThat(dates.train().size()).isEqualTo(20_000);
        assertThat(dates.test().size()).isEqualTo(1_000);
        Set<String> trained = new HashSet<>();
        for (int i = 0; i < dates.train().size(); i++) {
            trained.add(dates.train().pair(i).target());
        }
        for (int i = 0; i < dates.test().size(); i++) {
            assertThat(trained).doesNotContain(dates.test().pair(i).target());
        }
        // The longest of all: everything has to fit.
        assertThat(WrittenDates.FORMAT.encodeSource("wednesday, september 30 1998")).hasSize(32).endsWith(0, 0, 0, 0);
        assertThat(WrittenDates.FORMAT.encodeTarget("1998-03-05")).hasSize(11).endsWith(1);
    }

    @Test
    void aFileOfPairsIsReadAndWhatDoesNotFitIsNamed() throws IOException {
        Path file = Files.writeString(folder.resolve("pairs.txt"), "5 May 2001\t2001-05-05\n".repeat(19) + "6 May 2001\t2001-05-06\n");
        Split<TextPairs> pairs = TextPairs.read(file, WrittenDates.FORMAT);
        assertThat(pairs.train().size()).isEqualTo(18);
        assertThat(pairs.test().pair(1).target()).isEqualTo("2001-05-06");
        assertRefused("5 May 2001 2001-05-05\n".repeat(10), "line 1 has no tabulator");
        assertRefused("5 May 2001\t2001-05-05\n".repeat(3), "3 lines are too few; give at least 10");
        assertRefused("a date that is far longer than all the others\t2001-05-05\n".repeat(10), "has 45 characters, the model takes 1 to 32");
        assertRefused("5 May 2001\t5 May\n".repeat(10), "character \" \" at place 2 is not among the 11");
    }

    private void assertRefused(String text, String message) throws IOException {
        Path file = Files.writeString(folder.resolve("wrong.txt"), text);
        assertThatThrownBy(() -> TextPairs.read(file, WrittenDates.FORMAT)).isInstanceOf(QuernException.class).hasMessageContaining(message);
    }
}
