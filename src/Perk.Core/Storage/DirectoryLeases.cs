using System.Text.Json;

namespace Perk.Core.Storage;

/// <summary>Leases on the objects of a <see cref="DirectoryStore"/>: a file each, with the holder and the time it runs out.</summary>
/// <remarks>Whoever changes them holds the store's lock. A file of a killed process counts for nothing once its time is over.</remarks>
internal sealed class DirectoryLeases(string folder, TimeProvider time)
{
    /// <summary>Who holds a lease on an object now, or null.</summary>
    public string? Holder(ObjectName name) => Read(name) is { } lease && lease.Until > time.GetUtcNow() ? lease.Id : null;

    /// <summary>Refuses where somebody does.</summary>
    /// <exception cref="ObjectLeasedException"/>
    public void RequireNone(ObjectName name)
    {
        if (Holder(name) is not null) throw new ObjectLeasedException(name);
    }

    /// <summary>Begins a lease.</summary>
    public string Begin(ObjectName name, string id, TimeSpan duration)
    {
        var file = FileOf(name);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        AtomicFile.Write(file, JsonSerializer.SerializeToUtf8Bytes(new Lease(id, duration, time.GetUtcNow() + duration), Json.Compact));
        return id;
    }

    /// <summary>Begins its duration anew, also after it ran out, as long as nobody else took it.</summary>
    public bool Renew(ObjectName name, string id)
    {
        if (Read(name) is not { } lease || lease.Id != id) return false;
        Begin(name, id, lease.Duration);
        return true;
    }

    /// <summary>Ends it.</summary>
    public void End(ObjectName name) => File.Delete(FileOf(name));

    private Lease? Read(ObjectName name)
    {
        var file = FileOf(name);
        return File.Exists(file) ? Json.Read<Lease>(File.ReadAllBytes(file)) : null;
    }

    private string FileOf(ObjectName name) => Path.Combine(folder, name.Container, name.Path.Replace('/', Path.DirectorySeparatorChar));

    private sealed record Lease(string Id, TimeSpan Duration, DateTimeOffset Until);
}
