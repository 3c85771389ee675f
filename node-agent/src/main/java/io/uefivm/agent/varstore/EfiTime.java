package io.uefivm.agent.varstore;

import java.time.LocalDateTime;
import java.util.Locale;

/**
 * EFI_TIME (UEFI specification 8.3), bit for bit, so that no timestamp changes by being read and written.
 *
 * @param timeZone minutes from UTC, 0x7ff if unspecified
 */
public record EfiTime(
        int year,
        int month,
        int day,
        int hour,
        int minute,
        int second,
        int pad1,
        long nanosecond,
        int timeZone,
        int daylight,
        int pad2) {
    static final int LENGTH = 16;

    /** What a variable that needs no signed update carries. */
    public static final EfiTime NONE = new EfiTime(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);

    /** This second, in UTC, in the form that a signed update must use. */
    public static EfiTime of(LocalDateTime utc) {
        return new EfiTime(
                utc.getYear(),
                utc.getMonthValue(),
                utc.getDayOfMonth(),
                utc.getHour(),
                utc.getMinute(),
                utc.getSecond(),
                0,
                0,
                0,
                0,
                0);
    }

    static EfiTime read(Bytes bytes, int at) {
        return new EfiTime(
                bytes.u16(at),
                bytes.u8(at + 2),
                bytes.u8(at + 3),
                bytes.u8(at + 4),
                bytes.u8(at + 5),
                bytes.u8(at + 6),
                bytes.u8(at + 7),
                bytes.u32(at + 8),
                (short) bytes.u16(at + 12),
                bytes.u8(at + 14),
                bytes.u8(at + 15));
    }

    Bytes toBytes() {
        return new ByteWriter()
                .u16(year)
                .u8(month)
                .u8(day)
                .u8(hour)
                .u8(minute)
                .u8(second)
                .u8(pad1)
                .u32(nanosecond)
                .u16(timeZone)
                .u8(daylight)
                .u8(pad2)
                .toBytes();
    }

    /** ISO-8601 in UTC to the second, or {@code -} for {@link #NONE}. */
    @Override
    public String toString() {
        return equals(NONE)
                ? "-"
                : String.format(Locale.ROOT, "%04d-%02d-%02dT%02d:%02d:%02dZ", year, month, day, hour, minute, second);
    }
}
