using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Perk.Faults.Fuzzing.Edits;

/// <summary>JSON values, as bytes, that readers tend to stumble over. Some are no JSON.</summary>
internal static class OddJson
{
    private static readonly byte[][] Words =
    [
        .. new[]
        {
            "null", "true", "false", "{}", "[]", "[null]", "[[]]", "[{}]", "{\"a\":1}", "\"\"", "\"\\u0000\"", "\"\\ud800\"", "\"\\udc00x\"", "\"\\ud83d\\ude00\"", "{\"\\ud800\":1}",
            "[\"\\ud800\"]", "\"null\"", "\"1\"", "\"true\"", "NaN", "Infinity", "/*c*/1", "'x'", "tru", "1 2", "\"\\x\"", "[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17]", "[0,0]", "[null,null]",
        }.Select(Encoding.UTF8.GetBytes),
        [(byte)'"', 0xFF, (byte)'"'], [(byte)'"', 0xED, 0xA0, 0x80, (byte)'"'], [(byte)'"', 0, (byte)'"'], [(byte)'"', 0xC3, (byte)'"'],
        [(byte)'{', (byte)'"', 0xFF, (byte)'"', (byte)':', (byte)'1', (byte)'}'],
    ];

    private static readonly string[] Numbers =
    [
        "0", "-0", "-1", "1", "2", "3", "0.5", "1.0", "1e3", "1E400", "-1e400", "1e-400", "1e308", "1e30", "0.1e1", "255", "256", "1023", "65536", "1000000", "2147483647", "2147483648",
        "-2147483648", "4294967296", "4294967295", "536870920", "9007199254740993", "9223372036854775807", "9223372036854775808", "18446744073709551615", "18446744073709551616",
        "-9223372036854775809", "123456789012345678901234567890", "00", "+1", ".5", "1.", "3.0000000000000000000000000000001",
    ];

    /// <summary>Counts that a reader must not make room for; the multiples of 2^29 and 2^32 come out as small ones where they overflow.</summary>
    private static readonly string[] Large =
        ["1024", "4096", "100000", "1000000", "10000000", "268435456", "536870912", "536870914", "536870916", "536870920", "1073741824", "2147483647", "2147483646", "1e999", "-1"];

    private static readonly string[] Times =
        ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "9999-12-31T23:59:59.9999999Z", "2026-02-30T00:00:00Z", "2026-01-31", "24:00:00", "-1.00:00:00", "10675200.00:00:00"];

    /// <summary>A value in place of another.</summary>
    /// <param name="value">The other one.</param>
    /// <param name="kind">Its kind, which decides what is near it.</param>
    /// <param name="random">Decides which.</param>
    public static byte[] Instead(ReadOnlySpan<byte> value, JsonTokenType kind, Random random) => random.Next(10) switch
    {
        0 => Words[random.Next(Words.Length)],
        1 => Number(random),
        2 => Text(OddText.Next(random)),
        3 => Nested(random),
        4 => Many(value, random),
        _ => Near(value, kind, random),
    };

    /// <summary>A text as JSON.</summary>
    public static byte[] Text(string text) => JsonSerializer.SerializeToUtf8Bytes(text);

    private static byte[] Near(ReadOnlySpan<byte> value, JsonTokenType kind, Random random) => kind switch
    {
        JsonTokenType.Number when random.Next(3) == 0 => Encoding.UTF8.GetBytes(Large[random.Next(Large.Length)]),
        JsonTokenType.Number when random.Next(2) == 0 && long.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) =>
            Encoding.UTF8.GetBytes(unchecked(random.Next(5) switch { 0 => number + 1, 1 => number - 1, 2 => -number, 3 => number * 2, _ => number + (1L << 32) }).ToString(CultureInfo.InvariantCulture)),
        JsonTokenType.Number => Number(random),
        JsonTokenType.True => "false"u8.ToArray(),
        JsonTokenType.False => "true"u8.ToArray(),
        JsonTokenType.String when value.Length > 2 => NearText(value, random),
        _ => Words[random.Next(Words.Length)],
    };

    /// <summary>A text with something put in, left out, doubled or in other case.</summary>
    private static byte[] NearText(ReadOnlySpan<byte> value, Random random)
    {
        var text = Encoding.UTF8.GetString(value[1..^1]);
        var at = random.Next(text.Length + 1);
        return random.Next(7) switch
        {
            0 => [.. value[..^1], .. Inside(OddText.Next(random)), (byte)'"'],
            1 => Encoding.UTF8.GetBytes($"\"{text[..at]}\""),
            2 => Encoding.UTF8.GetBytes($"\"{text}{text}\""),
            3 => Encoding.UTF8.GetBytes($"\"{text.ToUpperInvariant()}\""),
            4 => [.. Encoding.UTF8.GetBytes($"\"{text[..at]}"), .. Inside(OddText.Next(random)), .. Encoding.UTF8.GetBytes($"{text[at..]}\"")],
            5 => Text(Times[random.Next(Times.Length)]),
            _ => [.. value[..^1], .. "\\ud800\""u8],
        };
    }

    private static byte[] Inside(string text) => Text(text)[1..^1];

    private static byte[] Number(Random random) => Encoding.UTF8.GetBytes(Numbers[random.Next(Numbers.Length)]);

    private static byte[] Nested(Random random)
    {
        var depth = random.Next(4) switch { 0 => 60, 1 => 64, 2 => 200, _ => 20_000 };
        return random.Next(2) == 0
            ? [.. Enumerable.Repeat((byte)'[', depth), .. Enumerable.Repeat((byte)']', depth)]
            : [.. Enumerable.Repeat("{\"a\":"u8.ToArray(), depth).SelectMany(b => b), (byte)'1', .. Enumerable.Repeat((byte)'}', depth)];
    }

    /// <summary>A list of the value, many times.</summary>
    private static byte[] Many(ReadOnlySpan<byte> value, Random random)
    {
        var once = value.Length <= 200 ? value.ToArray() : "0"u8.ToArray();
        return [(byte)'[', .. Enumerable.Repeat<byte[]>([.. once, (byte)','], random.Next(1, 500)).SelectMany(b => b), .. once, (byte)']'];
    }
}
