package io.uefivm.agent.declared;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.uefivm.agent.varstore.Bytes;
import io.uefivm.agent.varstore.EmptyStore;
import io.uefivm.agent.varstore.Enrolment;
import io.uefivm.agent.varstore.KeyMaterial;
import io.uefivm.agent.varstore.KeyProfile;
import io.uefivm.agent.varstore.SecureBootView;
import io.uefivm.agent.varstore.SignatureList;
import io.uefivm.agent.varstore.StoreSize;
import io.uefivm.agent.varstore.VarStore;
import io.uefivm.agent.varstore.Variable;
import io.uefivm.agent.varstore.VariableKey;
import io.uefivm.agent.varstore.Vendors;
import io.uefivm.api.v1alpha1.DeclaredVariable;
import io.uefivm.api.v1alpha1.Firmware;
import io.uefivm.api.v1alpha1.FirmwareLayout;
import io.uefivm.api.v1alpha1.KeyList;
import io.uefivm.api.v1alpha1.KeyListMode;
import io.uefivm.api.v1alpha1.KeySource;
import io.uefivm.api.v1alpha1.Keys;
import io.uefivm.api.v1alpha1.ObjectKey;
import io.uefivm.api.v1alpha1.Reason;
import io.uefivm.api.v1alpha1.SecureBootMode;
import io.uefivm.api.v1alpha1.VariableAttribute;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class DeclarationTest {
    private static final String GUID = "11111111-2222-3333-4444-555555555555";
    private static final VarStore EMPTY = EmptyStore.of(StoreSize.M4);
    private static final DeclaredContent NOTHING = new DeclaredContent(Map.of());

    private static Bytes resource(String name) {
        try (InputStream in = Objects.requireNonNull(DeclarationTest.class.getResourceAsStream(name))) {
            return Bytes.copyOf(in.readAllBytes());
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static Bytes ascii(String text) {
        return Bytes.copyOf(text.getBytes(StandardCharsets.US_ASCII));
    }

    private static List<SignatureList> lists(String name) {
        return KeyMaterial.parse(Vendors.UEFIVM, resource(name));
    }

    private static KeySource secret(String key) {
        return new KeySource(new ObjectKey("own", key), null);
    }

    private static KeyList db(KeyListMode mode, String... keys) {
        return new KeyList(mode, Stream.of(keys).map(DeclarationTest::secret).toList());
    }

    private static Firmware custom(
            @Nullable KeySource pk, @Nullable KeyList kek, @Nullable KeyList db, @Nullable KeyList dbx) {
        return firmware(new Keys(io.uefivm.api.v1alpha1.KeyProfile.Custom, pk, kek, db, dbx), List.of());
    }

    private static Firmware firmware(Keys keys, List<DeclaredVariable> variables) {
        return new Firmware(SecureBootMode.Enabled, FirmwareLayout.Split, keys, null, variables, null);
    }

    private static Firmware variables(DeclaredVariable... variables) {
        return firmware(Keys.DEFAULT, List.of(variables));
    }

    private static DeclaredVariable text(String name, String text) {
        return new DeclaredVariable(name, GUID, List.of(VariableAttribute.values()), text, null, null, null);
    }

    private static KeyProfile keys(Firmware firmware, Map<String, Bytes> files) throws DeclarationException {
        return Declaration.of(firmware, new DeclaredContent(files)).keys().orElseThrow();
    }

    private static Declaration declared(Firmware firmware) throws DeclarationException {
        return Declaration.of(firmware, NOTHING);
    }

    private static void assertInvalid(Firmware firmware, Map<String, Bytes> files, Reason reason, String... words) {
        assertThatExceptionOfType(DeclarationException.class)
                .isThrownBy(() -> Declaration.of(firmware, new DeclaredContent(files)))
                .satisfies(e -> assertThat(e.reason()).isEqualTo(reason))
                .satisfies(e -> assertThat(e.getMessage()).contains(words));
    }

    private static Map<String, Bytes> file(String path, Bytes content) {
        return Map.of(path, content);
    }

    @Test
    void appendingKeepsMicrosoftsEntriesAndReplacingDoesNot() throws DeclarationException {
        Map<String, Bytes> files = file("keys/db/0", resource("own-db.pem"));
        KeyProfile microsoft = KeyProfile.microsoft();

        KeyProfile appended = keys(custom(null, null, db(KeyListMode.Append, "db.pem"), null), files);
        List<SignatureList> expected = new ArrayList<>(microsoft.db());
        expected.addAll(lists("own-db.pem"));
        assertThat(appended.db()).isEqualTo(expected);
        assertThat(appended.pk()).isEqualTo(microsoft.pk());
        assertThat(appended.kek()).isEqualTo(microsoft.kek());
        assertThat(appended.dbx()).isEqualTo(microsoft.dbx());

        KeyProfile replaced = keys(custom(null, null, db(KeyListMode.Replace, "db.pem"), null), files);
        assertThat(replaced.db()).isEqualTo(lists("own-db.pem"));
    }

    @Test
    void everyListHasItsOwnSourcesAndAFileCanHoldSeveralCertificates() throws DeclarationException {
        Map<String, Bytes> files = new HashMap<>();
        files.put("keys/pk/0", resource("own-pk.pem"));
        files.put("keys/kek/0", SignatureList.encode(lists("own-kek.pem")));
        Bytes both = ascii(new String(resource("own-db.pem").toArray(), StandardCharsets.US_ASCII)
                + new String(resource("own-db2.pem").toArray(), StandardCharsets.US_ASCII));
        files.put("keys/db/0", both);
        files.put("keys/db/1", lists("own-db.pem").get(0).signatures().get(0).data());
        files.put("keys/dbx/0", lists("own-kek.pem").get(0).signatures().get(0).data());

        KeyProfile keys = keys(
                custom(
                        secret("pk"),
                        db(KeyListMode.Replace, "kek"),
                        db(KeyListMode.Replace, "both", "again"),
                        db(KeyListMode.Append, "dbx")),
                files);

        assertThat(keys.pk()).isEqualTo(lists("own-pk.pem"));
        assertThat(keys.kek()).isEqualTo(lists("own-kek.pem"));
        assertThat(keys.db()).as("what is named twice is enrolled once").hasSize(2);
        assertThat(keys.dbx()).hasSize(KeyProfile.microsoft().dbx().size() + 1);
    }

    @Test
    void aFirmwareWithoutKeysOfItsOwnDeclaresNone() throws DeclarationException {
        Keys template = new Keys(io.uefivm.api.v1alpha1.KeyProfile.HostTemplate, null, null, null, null);

        assertThat(declared(firmware(template, List.of())).keys()).isEmpty();
        assertThat(declared(new Firmware(
                                SecureBootMode.SetupMode, FirmwareLayout.Split, Keys.DEFAULT, null, List.of(), null))
                        .keys())
                .isEmpty();
        assertThat(declared(Firmware.DEFAULT).keys()).contains(KeyProfile.microsoft());
    }

    @Test
    void whatIsMissingOrNoKeyIsNamedAndNotShown() {
        Firmware firmware = custom(secret("pk.pem"), null, db(KeyListMode.Append, "a", "b"), null);
        Map<String, Bytes> files = new HashMap<>();
        files.put("keys/pk/0", resource("own-pk.pem"));
        files.put("keys/db/0", resource("own-db.pem"));

        assertInvalid(
                firmware, files, Reason.KeyMaterialMissing, "spec.firmware.keys.db.sources[1]", "Secret own, key b");
        files.put("keys/db/1", ascii("hush hush"));
        assertInvalid(firmware, files, Reason.KeyMaterialInvalid, "db.sources[1]", "Secret own, key b", "PEM");
        assertThatExceptionOfType(DeclarationException.class)
                .isThrownBy(() -> Declaration.of(firmware, new DeclaredContent(files)))
                .satisfies(e -> assertThat(e.getMessage()).doesNotContain("hush"));
        files.put("keys/db/1", Bytes.EMPTY);
        assertInvalid(firmware, files, Reason.KeyMaterialInvalid, "db.sources[1]", "is empty");
        files.put("keys/db/1", resource("own-db2.pem"));
        files.put("keys/pk/0", SignatureList.encode(KeyProfile.emptyDbx()));
        assertInvalid(firmware, files, Reason.KeyMaterialInvalid, "spec.firmware.keys.pk", "one X.509 certificate");
    }

    @Test
    void variablesAreSetAsTheyAreDeclaredAndOnlyWhenTheyDiffer() throws DeclarationException {
        var secret = new DeclaredVariable(
                "Token",
                GUID,
                List.of(VariableAttribute.NonVolatile, VariableAttribute.BootServiceAccess),
                null,
                null,
                new ObjectKey("own", "token"),
                null);
        var hex = new DeclaredVariable("Bytes", GUID, List.of(VariableAttribute.values()), null, "00ff", null, null);
        Declaration declaration = Declaration.of(
                variables(text("Greeting", "hello \u00fc"), secret, hex),
                new DeclaredContent(file("variables/1", ascii("s3cret"))));

        Declaration.Applied applied = declaration.apply(EMPTY);

        assertThat(value(applied.store(), "Greeting"))
                .isEqualTo(Bytes.copyOf("hello \u00fc".getBytes(StandardCharsets.UTF_8)));
        assertThat(value(applied.store(), "Token")).isEqualTo(ascii("s3cret"));
        assertThat(value(applied.store(), "Bytes")).isEqualTo(Bytes.ofHex("00ff"));
        assertThat(variable(applied.store(), "Token").attributes()).isEqualTo(3);
        assertThat(variable(applied.store(), "Bytes").attributes()).isEqualTo(7);
        assertThat(applied.changes()).hasSize(3).noneMatch(change -> change.contains("s3cret"));

        Declaration.Applied again = declaration.apply(applied.store());
        assertThat(again.store()).isSameAs(applied.store());
        assertThat(again.changes()).isEmpty();
    }

    @Test
    void whatTheGuestMadeOfAVariableIsDriftAndIsRepaired() throws DeclarationException {
        Declaration declaration =
                declared(variables(text("A", "declared"), text("B", "declared"), text("C", "declared")));
        VarStore enrolled = Enrolment.apply(EMPTY, KeyProfile.microsoft());
        VarStore store = declaration.apply(enrolled).store();
        assertThat(declaration.compare(store).reason()).isEqualTo(Reason.AsDeclared);

        Variable a = variable(store, "A");
        VarStore drifted = store.set(a.withData(ascii("guest's")))
                .set(Variable.of(variable(store, "B").key(), 3, ascii("declared")))
                .delete(variable(store, "C").key());

        Declaration.Verdict verdict = declaration.compare(drifted);
        assertThat(verdict.reason()).isEqualTo(Reason.VariablesDrifted);
        assertThat(verdict.message())
                .contains("A-" + GUID + " has another value")
                .contains("B-" + GUID + " has the attributes NV,BS instead of NV,BS,RT")
                .contains("C-" + GUID + " is missing")
                .contains("next cold start")
                .doesNotContain("guest's");
        assertThat(declaration.compare(declaration.apply(drifted).store()).reason())
                .isEqualTo(Reason.AsDeclared);
    }

    @Test
    void aVariableThatDoesNotFitNamesTheBytes() throws DeclarationException {
        String most = "x".repeat(4096);
        DeclaredVariable[] many = Stream.iterate(0, i -> i + 1)
                .limit(64)
                .map(i -> text("Big" + i, most))
                .toArray(DeclaredVariable[]::new);
        Declaration declaration = declared(variables(many));

        assertThatExceptionOfType(DeclarationException.class)
                .isThrownBy(() -> declaration.apply(EMPTY))
                .satisfies(e -> assertThat(e.reason()).isEqualTo(Reason.NvramFull))
                .satisfies(e -> assertThat(e.getMessage())
                        .contains("spec.firmware.variables[", "4096 bytes", "are taken")
                        .doesNotContain("xxx"));
    }

    @Test
    void aVariableWithoutAValueIsRefused() {
        assertInvalid(variables(text("Empty", "")), Map.of(), Reason.KeyMaterialInvalid, "variables[0] (Empty)");
    }

    @Test
    void keysDriftWhenAnEntryIsMissing() throws DeclarationException {
        KeyProfile all = KeyProfile.microsoft();
        VarStore old = Enrolment.apply(
                EMPTY,
                new KeyProfile(all.pk(), all.kek().subList(0, 1), all.db().subList(0, 1), all.dbx()));

        Declaration.Verdict verdict = declared(Firmware.DEFAULT).compare(old);

        assertThat(verdict.reason()).isEqualTo(Reason.KeysDrifted);
        assertThat(verdict.message())
                .contains("KEK lacks \"Microsoft Corporation KEK 2K CA 2023\"")
                .contains("db lacks \"Windows UEFI CA 2023\"")
                .contains("EnrollKeys")
                .contains("PCR 7");
    }

    @Test
    void aStoreInSetupModeLacksThemAll() throws DeclarationException {
        assertThat(declared(Firmware.DEFAULT).compare(EMPTY).message()).contains("PK lacks", "KEK lacks", "db lacks");
    }

    @Test
    void anotherPlatformKeyIsDrift() throws DeclarationException {
        KeyProfile all = KeyProfile.microsoft();
        VarStore store = Enrolment.apply(EMPTY, new KeyProfile(lists("own-pk.pem"), all.kek(), all.db(), all.dbx()));

        assertThat(declared(Firmware.DEFAULT).compare(store).message())
                .contains("PK lacks", "PK has \"Example pk\", which is not declared");
    }

    @Test
    void whatMicrosoftSignedUpdatesAddIsNoDrift() throws DeclarationException {
        KeyProfile all = KeyProfile.microsoft();
        List<SignatureList> db = new ArrayList<>(all.db());
        db.addAll(KeyMaterial.parse(Vendors.MICROSOFT, resource("own-db.pem")));
        List<SignatureList> dbx = new ArrayList<>(all.dbx());
        dbx.addAll(lists("own-db2.pem"));
        VarStore updated = Enrolment.apply(EMPTY, new KeyProfile(all.pk(), all.kek(), db, dbx));

        Declaration.Verdict verdict = declared(Firmware.DEFAULT).compare(updated);

        assertThat(verdict.reason()).isEqualTo(Reason.AsDeclared);
        assertThat(verdict.message()).contains("db has \"Example db\"", "dbx has 1 more entry");
    }

    @Test
    void whatWasTakenOutOfTheSpecIsDrift() throws DeclarationException {
        Map<String, Bytes> files = file("keys/db/0", resource("own-db.pem"));
        Firmware own = custom(null, null, db(KeyListMode.Append, "db.pem"), null);
        VarStore store = Enrolment.apply(EMPTY, keys(own, files));

        assertThat(declared(Firmware.DEFAULT).compare(store).message())
                .contains("db has \"Example db\", which is not declared");

        Firmware replaced = custom(null, null, db(KeyListMode.Replace, "db.pem"), null);
        assertThat(Declaration.of(replaced, new DeclaredContent(files))
                        .compare(store)
                        .message())
                .as("Microsoft's entries do not belong to a list that replaces them")
                .contains("db has \"Windows UEFI CA 2023\", which is not declared");
    }

    @Test
    void keysOfTheHostsTemplateAreNotCompared() throws DeclarationException {
        Keys template = new Keys(io.uefivm.api.v1alpha1.KeyProfile.HostTemplate, null, null, null, null);

        Declaration.Verdict verdict = declared(firmware(template, List.of())).compare(EMPTY);

        assertThat(verdict.reason()).isEqualTo(Reason.AsDeclared);
        assertThat(verdict.message()).contains("not compared");
    }

    @Test
    void keysThatAGuestMadeUnreadableAreDrift() throws DeclarationException {
        VarStore store = Enrolment.apply(EMPTY, KeyProfile.microsoft());
        VariableKey db = new VariableKey("db", Vendors.IMAGE_SECURITY);
        VarStore torn = store.set(store.find(db).orElseThrow().withData(ascii("no list")));

        assertThat(declared(Firmware.DEFAULT).compare(torn).reason()).isEqualTo(Reason.KeysDrifted);
    }

    @Test
    void enrollingWhatIsDeclaredMakesItSo() throws DeclarationException {
        Declaration declaration = declared(Firmware.DEFAULT);
        VarStore store = Enrolment.apply(EMPTY, declaration.keys().orElseThrow());

        assertThat(declaration.compare(store).reason()).isEqualTo(Reason.AsDeclared);
        assertThat(SecureBootView.of(store).certificates()).hasSize(8);
    }

    private static Variable variable(VarStore store, String name) {
        return store.find(new VariableKey(name, java.util.UUID.fromString(GUID)))
                .orElseThrow();
    }

    private static Bytes value(VarStore store, String name) {
        return variable(store, name).data();
    }
}
