package io.uefivm.e2e.quickstart;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ConsoleTextTest {
    private final ConsoleText text = new ConsoleText();

    @Test
    void takesEscapeSequencesAndControlCharactersAway() {
        assertThat(
                        text.lines(
                                "\u001b[2J\u001b[01;01H\u001b[=3h\u001b]0;title\u0007\u001b(BBdsDxe: \u001b[1mstarting\u001b[0m\r\r\n"))
                .containsExactly("BdsDxe: starting");
    }

    @Test
    void holdsBackAnUnfinishedLineWithItsUnfinishedSequence() {
        assertThat(text.lines("Linux \u001b[3")).isEmpty();
        assertThat(text.lines("1mversion\nnext")).containsExactly("Linux version");
        assertThat(text.lines("\n")).containsExactly("next");
    }

    @Test
    void leavesBlankLinesOut() {
        assertThat(text.lines("one\n\r\n\u001b[0m  \ntwo\n")).containsExactly("one", "two");
    }
}
