using System.Buffers.Binary;
using static TorchSharp.torch;

namespace Perk.Core.Tensors;

/// <summary>
/// A safetensors file open for reading. The header is read and checked at once, a tensor's data when it is asked for. One thread
/// at a time.
/// </summary>
/// <remarks>Format: 8 bytes little-endian header length, a JSON header, then the tensors' bytes without overlap or gap.</remarks>
public sealed class SafeTensorsFile : IDisposable
{
    /// <summary>The longest header the format allows, in bytes.</summary>
    public const long MaxHeaderLength = 100_000_000;

    private readonly Stream _stream;
    private readonly long _dataStart;
    private readonly SafeTensorsHeader _header;

    private SafeTensorsFile(Stream stream, string name, long dataStart, SafeTensorsHeader header) =>
        (_stream, Name, _dataStart, _header) = (stream, name, dataStart, header);

    /// <summary>The name that error messages begin with: the path, or what the opener called the stream.</summary>
    public string Name { get; }

    /// <summary>The tensors by name, in no particular order.</summary>
    public IReadOnlyDictionary<string, SafeTensorEntry> Entries => _header.Entries;

    /// <summary>The file's <c>__metadata__</c>; empty where it has none.</summary>
    public IReadOnlyDictionary<string, string> Metadata => _header.Metadata;

    /// <summary>Opens a file.</summary>
    /// <exception cref="ModelFileException">It is missing or does not begin like a whole safetensors file.</exception>
    public static SafeTensorsFile Open(string path)
    {
        if (!File.Exists(path)) throw new ModelFileException(path, "there is no such file.");
        return Open(File.OpenRead(path), path);
    }

    /// <summary>Reads from a seekable stream, which must begin with the file's first byte. The result owns the stream.</summary>
    /// <param name="stream">Seekable; it may return fewer bytes than asked for. Closed here when the header is refused.</param>
    /// <param name="name">What error messages call it.</param>
    /// <exception cref="ModelFileException">The header is not that of a whole safetensors file.</exception>
    public static SafeTensorsFile Open(Stream stream, string name)
    {
        try
        {
            stream.Position = 0;
            var length = stream.Length;
            if (length < 8) throw new ModelFileException(name, $"it holds {length} bytes, too few for a safetensors file.");

            Span<byte> prefix = stackalloc byte[8];
            stream.ReadExactly(prefix);
            var headerLength = BinaryPrimitives.ReadUInt64LittleEndian(prefix);
            if (headerLength > MaxHeaderLength)
                throw new ModelFileException(name, $"its header claims {headerLength} bytes of {MaxHeaderLength} allowed.");
            if (headerLength > (ulong)(length - 8))
                throw new ModelFileException(name, $"its header claims {headerLength} bytes, but only {length - 8} follow.");

            var json = new byte[headerLength];
            stream.ReadExactly(json);
            return new(stream, name, stream.Position, SafeTensorsHeader.Parse(name, json, length - stream.Position));
        }
        catch (EndOfStreamException e)
        {
            stream.Dispose();
            throw new ModelFileException(name, "it ended while its header was read.", e);
        }
        catch
        {
            stream.Dispose();
            throw;
        }
    }

    /// <summary>Loads a tensor with the file's bits: Float32, Float16 or BFloat16, on the CPU. The caller owns it.</summary>
    /// <exception cref="ModelFileException">There is no such tensor, its type is another, or the file ends early.</exception>
    public Tensor Load(string name)
    {
        var entry = Entry(name);
        if (SafeTensorsDType.ToTorch(entry.DType) is not { } type)
            throw new ModelFileException(Name, $"tensor '{name}' is of type {entry.DType}; F32, F16 and BF16 can be loaded.");

        using var scope = NewDisposeScope();
        var tensor = empty(entry.Shape, type, CPU);
        _stream.Position = _dataStart + entry.Begin;
        try
        {
            TensorBytes.Read(_stream, tensor);
        }
        catch (EndOfStreamException e)
        {
            throw new ModelFileException(Name, $"it ended within tensor '{name}'.", e);
        }

        return tensor.MoveToOuterDisposeScope();
    }

    /// <summary>Loads a tensor that must have a shape.</summary>
    /// <exception cref="ModelFileException">As for <see cref="Load(string)"/>, or the shape is another.</exception>
    public Tensor Load(string name, params ReadOnlySpan<long> expectedShape)
    {
        var found = Entry(name).Shape;
        if (!expectedShape.SequenceEqual(found))
        {
            throw new ModelFileException(
                Name,
                $"tensor '{name}' should have shape {SafeTensorEntry.Describe(expectedShape)}, "
                + $"but has {SafeTensorEntry.Describe(found)}.");
        }

        return Load(name);
    }

    /// <summary>Closes the stream. Tensors already loaded stay valid.</summary>
    public void Dispose() => _stream.Dispose();

    private SafeTensorEntry Entry(string name) =>
        Entries.TryGetValue(name, out var entry)
            ? entry
            : throw new ModelFileException(Name, $"there is no tensor '{name}' in it.");
}
