using System.Runtime.CompilerServices;

namespace Perk.Core.Storage;

/// <summary>Objects as files under a folder: <c>{folder}/{container}/{path}</c>.</summary>
/// <remarks>
/// An object is written beside the containers, in <c>.unfinished</c>, and moved to its place when it is whole. What a killed
/// process left there is never listed and may be removed. Ids that differ in case only are one where file names ignore case.
/// </remarks>
public sealed class DirectoryStore : IObjectStore
{
    private readonly string _folder;
    private readonly string _unfinished;
    private readonly DirectoryLeases _leases;

    /// <summary>A store in a folder, which is created with the first object.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="time">The clock that leases run out by; the system's if not given.</param>
    public DirectoryStore(string folder, TimeProvider? time = null)
    {
        _folder = Path.GetFullPath(folder);
        _unfinished = Path.Combine(_folder, ".unfinished");
        _leases = new DirectoryLeases(Path.Combine(_folder, ".leases"), time ?? TimeProvider.System);
    }

    /// <inheritdoc/>
    public Task<Stream?> OpenReadAsync(ObjectName name, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var file = FileOf(name);
        if (!File.Exists(file)) return Task.FromResult<Stream?>(null);
        try
        {
            return Task.FromResult<Stream?>(new FileStream(file, new FileStreamOptions
            {
                Mode = FileMode.Open,
                Access = FileAccess.Read,
                Share = FileShare.Read | FileShare.Delete,
                Options = FileOptions.Asynchronous,
            }));
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return Task.FromResult<Stream?>(null);
        }
    }

    /// <inheritdoc/>
    public Task<bool> ExistsAsync(ObjectName name, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return Task.FromResult(File.Exists(FileOf(name)));
    }

    /// <inheritdoc/>
    public async Task WriteAsync(ObjectName name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        using var half = await WriteUnfinishedAsync(file => file.WriteAsync(content, cancellationToken), cancellationToken);
        _leases.RequireNone(name);
        half.MoveTo(FileOf(name));
    }

    /// <inheritdoc/>
    public async Task WriteAsync(ObjectName name, Stream content, CancellationToken cancellationToken)
    {
        using var half = await WriteUnfinishedAsync(file => new(content.CopyToAsync(file, cancellationToken)), cancellationToken);
        _leases.RequireNone(name);
        half.MoveTo(FileOf(name));
    }

    /// <inheritdoc/>
    public async Task<bool> TryCreateAsync(ObjectName name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        var file = FileOf(name);
        if (File.Exists(file)) return false;
        using var half = await WriteUnfinishedAsync(stream => stream.WriteAsync(content, cancellationToken), cancellationToken);

        // On Unix a move that does not overwrite looks first and renames then: two creators could both win, hence the lock.
        using var alone = await AloneAsync(cancellationToken);
        if (File.Exists(file)) return false;
        half.MoveTo(file);
        return true;
    }

    /// <inheritdoc/>
    public async Task<StoredObject?> ReadAsync(ObjectName name, CancellationToken cancellationToken)
    {
        await using var stream = await OpenReadAsync(name, cancellationToken);
        if (stream is null) return null;
        var content = new byte[stream.Length];
        await stream.ReadExactlyAsync(content, cancellationToken);
        return new StoredObject(content, Ids.Sha256(content));
    }

    /// <inheritdoc/>
    public async Task<string?> TryReplaceAsync(
        ObjectName name, ReadOnlyMemory<byte> content, string version, string? lease, CancellationToken cancellationToken)
    {
        using var half = await WriteUnfinishedAsync(file => file.WriteAsync(content, cancellationToken), cancellationToken);
        using var alone = await AloneAsync(cancellationToken);
        if (_leases.Holder(name) != lease || (await ReadAsync(name, cancellationToken))?.Version != version) return null;
        half.MoveTo(FileOf(name));
        return Ids.Sha256(content.Span);
    }

    /// <inheritdoc/>
    public async Task<string?> TryLeaseAsync(ObjectName name, TimeSpan duration, CancellationToken cancellationToken)
    {
        using var alone = await AloneAsync(cancellationToken);
        return _leases.Holder(name) is null && File.Exists(FileOf(name)) ? _leases.Begin(name, Guid.NewGuid().ToString(), duration) : null;
    }

    /// <inheritdoc/>
    public async Task<bool> TryRenewAsync(ObjectName name, string lease, CancellationToken cancellationToken)
    {
        using var alone = await AloneAsync(cancellationToken);
        return _leases.Renew(name, lease);
    }

    /// <inheritdoc/>
    public async Task ReleaseAsync(ObjectName name, string lease, CancellationToken cancellationToken)
    {
        using var alone = await AloneAsync(cancellationToken);
        if (_leases.Holder(name) == lease) _leases.End(name);
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<string> ListAsync(
        string container, string prefix, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var root = Path.Combine(_folder, ObjectName.CheckContainer(container));
        var start = Path.Combine(root, ObjectName.CheckPrefix(prefix)[..(prefix.LastIndexOf('/') + 1)]);
        if (!Directory.Exists(start)) yield break;

        var everything = new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.None };
        var paths = Directory.EnumerateFiles(start, "*", everything)
            .Select(file => Path.GetRelativePath(root, file).Replace(Path.DirectorySeparatorChar, '/'))
            .Where(path => path.StartsWith(prefix, StringComparison.Ordinal))
            .Order(StringComparer.Ordinal);
        await Task.CompletedTask;
        foreach (var path in paths)
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return path;
        }
    }

    /// <inheritdoc/>
    public Task<bool> DeleteAsync(ObjectName name, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var file = FileOf(name);
        if (!File.Exists(file)) return Task.FromResult(false);
        _leases.RequireNone(name);
        File.Delete(file);
        return Task.FromResult(true);
    }

    /// <summary>Looking and renaming are two steps of a file system: whoever must do both at once holds this.</summary>
    private Task<IDisposable> AloneAsync(CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(_unfinished);
        return FileLock.AcquireAsync(Path.Combine(_unfinished, "lock"), cancellationToken);
    }

    private string FileOf(ObjectName name) =>
        Path.Combine(_folder, name.Container, name.Path.Replace('/', Path.DirectorySeparatorChar));

    private async Task<UnfinishedFile> WriteUnfinishedAsync(Func<Stream, ValueTask> write, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Directory.CreateDirectory(_unfinished);
        var half = new UnfinishedFile(Path.Combine(_unfinished, Path.GetRandomFileName()));
        try
        {
            await using var stream = new FileStream(
                half.Path, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1 << 16, useAsync: true);
            await write(stream);

            // On the disk before it gets its name: after a power cut a manifest must not stand for bytes that are not there.
            stream.Flush(flushToDisk: true);
            return half;
        }
        catch
        {
            half.Dispose();
            throw;
        }
    }

    /// <summary>A file that disappears unless it was moved to its place.</summary>
    private sealed class UnfinishedFile(string path) : IDisposable
    {
        public string Path { get; } = path;

        public void MoveTo(string place)
        {
            Directory.CreateDirectory(System.IO.Path.GetDirectoryName(place)!);
            File.Move(Path, place, overwrite: true);
        }

        public void Dispose() => File.Delete(Path);
    }
}
