package io.uefivm.agent.nvram;

import io.uefivm.api.v1alpha1.NvramAction;
import io.uefivm.api.v1alpha1.NvramRequest;
import io.uefivm.api.v1alpha1.Reason;
import java.util.List;
import java.util.Optional;

/**
 * Something to be done to the state before an epoch begins, once per token.
 *
 * @param asked in the words of the API
 * @param transfer what is put of one store into another
 */
public record Request(NvramRequest asked, StoreTransfer transfer) {

    /**
     * Whether it says what a VM is to start from when its newest state cannot be used.
     *
     * @param obstacle why not; for a store of another size there is a way more
     */
    boolean isWayOutOf(Reason obstacle) {
        return asked.action() == NvramAction.Restore
                || asked.action() == NvramAction.FactoryReset
                || (asked.action() == NvramAction.Convert && obstacle == Reason.NvramWrongSize);
    }

    /** What an earlier start, which was interrupted before it could say so, did about this token. */
    Optional<Answer> answerOf(Generation newest) {
        List<Asked> all = newest.asked();
        return all.stream()
                .filter(before -> before.token().equals(asked.token()))
                .findFirst()
                .map(before -> before.equals(all.get(0))
                        ? new Answer.Done(before)
                        : new Answer.Refused("The token " + before.token() + " was carried out before, as generation "
                                + before.generation() + "; give the request a token that was never used"));
    }
}
