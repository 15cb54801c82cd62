using System.Text.RegularExpressions;

namespace Perk.Core.Storage;

/// <summary>Where an object lies: a container and a path in it, always safe to use under a folder.</summary>
public readonly partial record struct ObjectName
{
    /// <summary>Names an object.</summary>
    /// <param name="container">3 to 63 lower-case letters, digits and single hyphens.</param>
    /// <param name="path">Segments of A-Z, a-z, 0-9, '.', '_' and '-' separated by '/', at most 1,024 characters.</param>
    /// <exception cref="ArgumentException">A part is not of that form; the message names it.</exception>
    public ObjectName(string container, string path)
    {
        Container = CheckContainer(container);
        if (path is null || path.Length is 0 or > 1024 || !path.Split('/').All(IsSegment))
        {
            throw new ArgumentException(
                $"{NameRules.Quote(path)} is not a path: segments of A-Z, a-z, 0-9, '.', '_' and '-' separated by '/', none "
                + "of them empty, '.' or '..' or ending with '.', at most 255 characters each and 1,024 together.",
                nameof(path));
        }

        Path = path;
    }

    /// <summary>The container.</summary>
    public string Container { get; }

    /// <summary>The path in the container.</summary>
    public string Path { get; }

    /// <summary>Container and path, separated by '/'.</summary>
    public override string ToString() => $"{Container}/{Path}";

    internal static string CheckContainer(string container) => container is not null && ContainerForm().IsMatch(container)
        ? container
        : throw new ArgumentException(
            $"{NameRules.Quote(container)} is not a container name: 3 to 63 lower-case letters, digits and single hyphens, with "
            + "a letter or digit at both ends.",
            nameof(container));

    /// <summary>A prefix for listing: whole segments, then the beginning of one, which may be empty.</summary>
    internal static string CheckPrefix(string prefix)
    {
        var segments = prefix.Split('/');
        return segments[..^1].All(IsSegment) && PrefixEnd().IsMatch(segments[^1]) && segments[^1] is not ".."
            ? prefix
            : throw new ArgumentException($"{NameRules.Quote(prefix)} is not the beginning of a path.", nameof(prefix));
    }

    private static bool IsSegment(string segment) => SegmentForm().IsMatch(segment);

    [GeneratedRegex(@"\A(?=.{3,63}\z)[a-z0-9]+(?:-[a-z0-9]+)*\z", RegexOptions.CultureInvariant)]
    private static partial Regex ContainerForm();

    // The last character is no dot: that excludes '.' and '..' and what Windows would silently rename.
    [GeneratedRegex(@"\A[A-Za-z0-9._-]{0,254}[A-Za-z0-9_-]\z", RegexOptions.CultureInvariant)]
    private static partial Regex SegmentForm();

    [GeneratedRegex(@"\A[A-Za-z0-9._-]{0,255}\z", RegexOptions.CultureInvariant)]
    private static partial Regex PrefixEnd();
}
