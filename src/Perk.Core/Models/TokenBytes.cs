using System.Text;

namespace Perk.Core.Models;

/// <summary>The UTF-8 bytes behind every id of a vocabulary.</summary>
/// <remarks>
/// The library's own Decode takes SentencePiece's dummy prefix from the first piece that has a space, wherever it stands, and
/// turns the character ▁ of a text into a space; joining the bytes does neither.
/// </remarks>
internal sealed class TokenBytes
{
    private static readonly byte[] Unknown = "\uFFFD"u8.ToArray();
    private readonly byte[]?[] _bytes;
    private readonly int[] _idOfByte = new int[256];

    /// <summary>A table in which no id has bytes yet.</summary>
    internal TokenBytes(int count) => _bytes = new byte[count][];

    /// <summary>The number of ids.</summary>
    internal int Count => _bytes.Length;

    /// <summary>Says what an id stands for; nothing for a special token.</summary>
    internal void Set(int id, byte[] bytes) => _bytes[id] = bytes;

    /// <summary>Says which id stands for one byte.</summary>
    internal void SetByte(int id, byte value)
    {
        _bytes[id] = [value];
        _idOfByte[value] = id;
    }

    /// <summary>The ids of single bytes.</summary>
    internal int[] IdsOf(ReadOnlySpan<byte> bytes)
    {
        var ids = new int[bytes.Length];
        for (var i = 0; i < ids.Length; i++) ids[i] = _idOfByte[bytes[i]];
        return ids;
    }

    /// <summary>Joins the bytes of the ids and reads them as UTF-8.</summary>
    internal string Decode(IEnumerable<int> ids, bool dropLeadingSpace)
    {
        using var joined = new MemoryStream();
        foreach (var id in ids) joined.Write(id >= 0 && id < _bytes.Length ? _bytes[id] ?? Unknown : Unknown);

        var utf8 = joined.GetBuffer().AsSpan(0, (int)joined.Length);
        if (dropLeadingSpace && utf8.StartsWith(" "u8)) utf8 = utf8[1..];
        return Encoding.UTF8.GetString(utf8);
    }
}
