package io.uefivm.agent.varstore;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.StringJoiner;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What a variable says, in one line for people. */
public final class VariableText {
    private static final Pattern LOAD_OPTION = Pattern.compile("(Boot|Driver|SysPrep|PlatformRecovery)[0-9A-F]{4}");
    private static final Set<String> NUMBER_LISTS = Set.of("BootOrder", "DriverOrder", "SysPrepOrder");
    private static final Set<String> DEVICE_PATHS = Set.of("ConIn", "ConOut", "ErrOut");
    private static final Set<String> SIGNATURE_LISTS =
            Set.of("PK", "KEK", "db", "dbx", "dbt", "dbr", "MokList", "MokListX");
    private static final Pattern COMMON_NAME = Pattern.compile("CN=([^,]+)");
    private static final int HEX_LIMIT = 24;

    private VariableText() {}

    /** The line; bytes in hexadecimal if the variable is not known or is not what it should be. */
    public static String of(Variable variable) {
        try {
            return known(variable);
        } catch (VarstoreException | IndexOutOfBoundsException notOfItsForm) {
            return hex(variable.data());
        }
    }

    private static String known(Variable variable) {
        String name = variable.name();
        Bytes data = variable.data();
        if (LOAD_OPTION.matcher(name).matches()) {
            LoadOption option = LoadOption.parse(data);
            return printable(option.description()) + "  "
                    + printable(option.path().text());
        }
        if (NUMBER_LISTS.contains(name)) {
            return numbers(data);
        }
        if (DEVICE_PATHS.contains(name)) {
            return printable(DevicePath.parse(data).text());
        }
        if (SIGNATURE_LISTS.contains(name)) {
            return signatures(data);
        }
        return switch (name) {
            case "BootNext", "BootCurrent" -> numbers(data.slice(0, 2));
            case "Timeout" -> data.u16(0) == 0xffff ? "for ever" : data.u16(0) + " s";
            case "SecureBootEnable", "CustomMode", "VendorKeysNv" -> onOff(data);
            case "PlatformLang", "Lang" -> printable(ascii(data));
            case "MTC" -> Long.toString(data.u32(0));
            default -> hex(data);
        };
    }

    private static String numbers(Bytes data) {
        StringJoiner numbers = new StringJoiner(" ");
        for (int at = 0; at + 2 <= data.length(); at += 2) {
            numbers.add(String.format(Locale.ROOT, "%04X", data.u16(at)));
        }
        return numbers.toString();
    }

    private static String onOff(Bytes data) {
        return data.length() != 1 || data.u8(0) > 1 ? hex(data) : data.u8(0) == 1 ? "on" : "off";
    }

    private static String ascii(Bytes data) {
        String text = new String(data.toArray(), StandardCharsets.ISO_8859_1);
        int end = text.indexOf('\0');
        return end < 0 ? text : text.substring(0, end);
    }

    private static String signatures(Bytes data) {
        List<String> certificates = new ArrayList<>();
        int hashes = 0;
        int others = 0;
        for (SignatureList list : SignatureList.parse(data)) {
            for (Signature signature : list.signatures()) {
                if (signature instanceof Signature.Certificate certificate) {
                    certificates.add(commonName(certificate.subject()));
                } else if (signature instanceof Signature.ImageHash) {
                    hashes++;
                } else {
                    others++;
                }
            }
        }
        StringJoiner text = new StringJoiner(", ");
        certificates.forEach(text::add);
        count(text, hashes, "hash", "hashes");
        count(text, others, "other entry", "other entries");
        return text.toString();
    }

    private static void count(StringJoiner text, int count, String one, String many) {
        if (count > 0) {
            text.add(count + " " + (count == 1 ? one : many));
        }
    }

    /** The CN of a subject, the whole subject if it has none. */
    public static String commonName(String subject) {
        Matcher name = COMMON_NAME.matcher(subject);
        return printable(name.find() ? name.group(1) : subject);
    }

    /**
     * The same text with control characters written out: what a guest put into a name must not reach a terminal or a log as
     * an escape sequence.
     */
    public static String printable(String text) {
        StringBuilder safe = new StringBuilder();
        text.codePoints().forEach(c -> {
            boolean harmless = !Character.isISOControl(c)
                    && Character.getType(c) != Character.FORMAT
                    && Character.getType(c) != Character.SURROGATE
                    && Character.getType(c) != Character.LINE_SEPARATOR
                    && Character.getType(c) != Character.PARAGRAPH_SEPARATOR;
            if (harmless) {
                safe.appendCodePoint(c);
            } else {
                safe.append(String.format(Locale.ROOT, "\\u%04x", c));
            }
        });
        return safe.toString();
    }

    private static String hex(Bytes data) {
        return data.length() <= HEX_LIMIT
                ? data.hex()
                : data.slice(0, HEX_LIMIT).hex() + "... (" + data.length() + " bytes)";
    }
}
