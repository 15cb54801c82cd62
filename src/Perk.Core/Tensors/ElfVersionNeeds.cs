using System.Buffers.Binary;
using System.Text;

namespace Perk.Core.Tensors;

/// <summary>
/// Marks one symbol-version requirement of a 64-bit little-endian ELF library as weak.
/// </summary>
/// <remarks>
/// Layout: System V gABI chapter 5 (program headers, dynamic section) and the Linux Standard Base's symbol versioning
/// (Elfxx_Verneed, Elfxx_Vernaux, <c>VER_FLG_WEAK</c>). A missing weak version is accepted by the dynamic loader.
/// </remarks>
internal static class ElfVersionNeeds
{
    private const uint PtLoad = 1, PtDynamic = 2;
    private const long DtNull = 0, DtStrTab = 5, DtVerNeed = 0x6ffffffe, DtVerNeedNum = 0x6fffffff;
    private const ushort WeakFlag = 0x2;

    /// <summary>Sets the weak flag on every requirement named <paramref name="version"/>, in <paramref name="elf"/> itself.</summary>
    /// <returns>How many requirements were marked; 0 where the library does not ask for that version.</returns>
    /// <exception cref="InvalidDataException">The bytes are not a well-formed 64-bit little-endian ELF file.</exception>
    public static int MarkWeak(Span<byte> elf, string version)
    {
        try
        {
            return Mark(elf, Encoding.ASCII.GetBytes(version));
        }
        catch (Exception e) when (e is ArgumentOutOfRangeException or OverflowException)
        {
            throw new InvalidDataException("The ELF file points outside itself.", e);
        }
    }

    private static int Mark(Span<byte> elf, ReadOnlySpan<byte> version)
    {
        if (elf.Length < 64 || !elf[..6].SequenceEqual("\u007fELF\u0002\u0001"u8))
            throw new InvalidDataException("Not a 64-bit little-endian ELF file.");

        var dynamic = Segments(elf).FirstOrDefault(s => s.Type == PtDynamic)
            ?? throw new InvalidDataException("The ELF file has no dynamic section.");
        var tags = DynamicTags(elf.Slice(dynamic.Offset, dynamic.Size));
        if (!tags.TryGetValue(DtVerNeed, out var needAddress)) return 0;

        var names = FileOffset(elf, tags[DtStrTab]);
        var need = FileOffset(elf, needAddress);
        var marked = 0;
        for (var left = tags[DtVerNeedNum]; left > 0; left--)
        {
            var count = U16(elf, need + 2);
            var entry = checked(need + (int)U32(elf, need + 8));
            for (var i = 0; i < count; i++)
            {
                var name = elf[checked(names + (int)U32(elf, entry + 8))..];
                if (name.StartsWith(version) && name[version.Length] == 0)
                {
                    var flags = (ushort)(U16(elf, entry + 4) | WeakFlag);
                    BinaryPrimitives.WriteUInt16LittleEndian(elf[(entry + 4)..], flags);
                    marked++;
                }

                entry = checked(entry + (int)U32(elf, entry + 12));
            }

            need = checked(need + (int)U32(elf, need + 12));
        }

        return marked;
    }

    private sealed record Segment(uint Type, int Offset, ulong Address, int Size);

    private static List<Segment> Segments(ReadOnlySpan<byte> elf)
    {
        var table = checked((int)U64(elf, 32));
        int entrySize = U16(elf, 54), count = U16(elf, 56);
        var segments = new List<Segment>();
        for (var i = 0; i < count; i++)
        {
            var at = table + i * entrySize;
            segments.Add(new Segment(U32(elf, at), checked((int)U64(elf, at + 8)), U64(elf, at + 16), checked((int)U64(elf, at + 32))));
        }

        return segments;
    }

    private static Dictionary<long, ulong> DynamicTags(ReadOnlySpan<byte> section)
    {
        var tags = new Dictionary<long, ulong>();
        for (var at = 0; at + 16 <= section.Length; at += 16)
        {
            var tag = (long)U64(section, at);
            if (tag == DtNull) break;
            tags[tag] = U64(section, at + 8);
        }

        return tags;
    }

    private static int FileOffset(ReadOnlySpan<byte> elf, ulong address)
    {
        foreach (var s in Segments(elf))
            if (s.Type == PtLoad && address >= s.Address && address < s.Address + (ulong)s.Size)
                return checked((int)(address - s.Address) + s.Offset);
        throw new InvalidDataException($"No loaded segment of the ELF file holds address 0x{address:x}.");
    }

    private static ushort U16(ReadOnlySpan<byte> b, int at) => BinaryPrimitives.ReadUInt16LittleEndian(b[at..]);

    private static uint U32(ReadOnlySpan<byte> b, int at) => BinaryPrimitives.ReadUInt32LittleEndian(b[at..]);

    private static ulong U64(ReadOnlySpan<byte> b, int at) => BinaryPrimitives.ReadUInt64LittleEndian(b[at..]);
}
