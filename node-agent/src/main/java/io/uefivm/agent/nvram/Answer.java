package io.uefivm.agent.nvram;

/** What came of a request. */
public sealed interface Answer {

    /** @param asked what was done, by this start or by an earlier one that could not say so */
    record Done(Asked asked) implements Answer {}

    /**
     * Nothing was done, and nothing will be done for this token.
     *
     * @param why the cause and what to ask for instead
     */
    record Refused(String why) implements Answer {}
}
