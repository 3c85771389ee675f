package io.uefivm.agent.vm;

import java.util.List;

/**
 * What became of the media and disks of a running VM.
 *
 * @param notes what is new
 * @param pending whether a medium is still not as the spec says and may be later: to be tried again
 */
record MediaChange(List<Note> notes, boolean pending) {
    static final MediaChange NONE = new MediaChange(List.of(), false);

    MediaChange {
        notes = List.copyOf(notes);
    }
}
