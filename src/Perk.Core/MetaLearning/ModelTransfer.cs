using System.Security.Cryptography;
using Perk.Core.Documents;

namespace Perk.Core.MetaLearning;

/// <summary>How far a checkpoint's way to or from the store is.</summary>
/// <param name="Done">Bytes that need not be sent any more.</param>
/// <param name="Total">Bytes of all that was missing.</param>
public sealed record ModelProgress(long Done, long Total);

/// <summary>A file's bytes on their way, in either direction: counted, hashed, and refused at their end where they are not those expected.</summary>
/// <remarks>Whoever writes what is read here sees the end only if it is right, and must leave nothing behind if it is not.</remarks>
/// <param name="source">The bytes, which this disposes of.</param>
/// <param name="expected">What they should be.</param>
/// <param name="refuse">Makes the exception of what was found.</param>
/// <param name="passed">Is told of bytes as they pass.</param>
internal sealed class ModelTransfer(Stream source, StoredFile expected, Func<string, Exception> refuse, Action<int> passed) : Stream
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private long _length;
    private bool _ended;

    /// <inheritdoc/>
    public override bool CanRead => true;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override bool CanWrite => false;

    /// <inheritdoc/>
    public override long Length => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Position
    {
        get => _length;
        set => throw new NotSupportedException();
    }

    /// <inheritdoc/>
    public override int Read(Span<byte> buffer) => buffer.IsEmpty ? 0 : Passed(buffer[..source.Read(buffer)]);

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    /// <inheritdoc/>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        buffer.IsEmpty ? 0 : Passed(buffer[..await source.ReadAsync(buffer, cancellationToken)].Span);

    /// <inheritdoc/>
    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <inheritdoc/>
    public override void Flush()
    {
    }

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _hash.Dispose();
            source.Dispose();
        }

        base.Dispose(disposing);
    }

    private int Passed(ReadOnlySpan<byte> bytes)
    {
        _length += bytes.Length;
        if (_length > expected.Length) throw refuse($"more than the expected {expected.Length} bytes");
        if (bytes.IsEmpty && !_ended)
        {
            _ended = true;
            var sha256 = Convert.ToHexStringLower(_hash.GetHashAndReset());
            if (_length != expected.Length || sha256 != expected.Sha256)
                throw refuse($"{_length} bytes with sha256 {sha256}, expected {expected.Length} with {expected.Sha256}");
        }

        _hash.AppendData(bytes);
        if (!bytes.IsEmpty) passed(bytes.Length);
        return bytes.Length;
    }
}
